{{/* What every container of a service is told beside the secret; the migrations too. */}}
{{- define "firstday.variables" -}}
- { name: FIRSTDAY_ENVIRONMENT, value: production }
- { name: FIRSTDAY_ISSUER_URL, value: {{ required "issuerUrl" .root.issuerUrl | quote }} }
- { name: KAFKA_BOOTSTRAP_SERVERS, value: {{ required "kafka.bootstrapServers" .root.kafka.bootstrapServers | quote }} }
- { name: KAFKA_SECURITY_PROTOCOL, value: {{ .root.kafka.securityProtocol }} }
- { name: {{ upper .service }}_HOST, value: 0.0.0.0 }
- { name: {{ upper .service }}_PORT, value: "8000" }
- { name: {{ upper .service }}_WORKER_PORT, value: "8000" }
{{- end }}
