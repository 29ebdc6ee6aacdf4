-- A role and a database for each service, made when PostgreSQL's volume is new. A role owns its own
-- database and may not even connect to another's.
\getenv register REGISTER_DATABASE_PASSWORD
\getenv notification NOTIFICATION_DATABASE_PASSWORD
\getenv escalation ESCALATION_DATABASE_PASSWORD
\getenv reporting REPORTING_DATABASE_PASSWORD

CREATE ROLE register LOGIN PASSWORD :'register';
CREATE ROLE notification LOGIN PASSWORD :'notification';
CREATE ROLE escalation LOGIN PASSWORD :'escalation';
CREATE ROLE reporting LOGIN PASSWORD :'reporting';

CREATE DATABASE register OWNER register;
CREATE DATABASE notification OWNER notification;
CREATE DATABASE escalation OWNER escalation;
CREATE DATABASE reporting OWNER reporting;

REVOKE ALL ON DATABASE register, notification, escalation, reporting, postgres, template1 FROM PUBLIC;
