# One static binary, and beside it only certificates to check mail servers and databases
# with. It takes a Postgres from CHAT_DATABASE_URL, as there is none inside.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-s -w -X main.version=${VERSION}" \
	-o /out/expresschat ./cmd/expresschat
RUN mkdir /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/expresschat /expresschat
# A new named volume takes its owner over from here.
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENV CHAT_ADDR=0.0.0.0:8080 CHAT_DATA_DIR=/data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=2m --retries=3 CMD ["/expresschat", "healthcheck"]
ENTRYPOINT ["/expresschat"]
CMD ["serve"]
