# The host alone; PostgreSQL runs beside it: ConnectionStrings__ApiKeys has to name it.
# Runs as an ordinary user, on a read-only root file system if you like.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH
WORKDIR /source

# First what a restore reads, so that Docker keeps its layer until a package changes.
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/ApiKeys.AspNetCore/ApiKeys.AspNetCore.csproj src/ApiKeys.AspNetCore/
COPY src/ApiKeys.AspNetCore.Swashbuckle/ApiKeys.AspNetCore.Swashbuckle.csproj src/ApiKeys.AspNetCore.Swashbuckle/
COPY src/ApiKeys.Server/ApiKeys.Server.csproj src/ApiKeys.Server/
RUN dotnet restore src/ApiKeys.Server --arch $TARGETARCH -p:PublishReadyToRun=true

COPY src/ApiKeys.AspNetCore src/ApiKeys.AspNetCore
COPY src/ApiKeys.AspNetCore.Swashbuckle src/ApiKeys.AspNetCore.Swashbuckle
COPY src/ApiKeys.Server src/ApiKeys.Server
RUN dotnet publish src/ApiKeys.Server --no-restore --configuration Release --arch $TARGETARCH --no-self-contained \
        -p:PublishReadyToRun=true --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
WORKDIR /app
COPY --from=build /app .

# The diagnostics port is a file, which a read-only root file system has no room for.
ENV ASPNETCORE_HTTP_PORTS=8080 \
    DOTNET_EnableDiagnostics=0
EXPOSE 8080
USER $APP_UID
ENTRYPOINT ["dotnet", "ApiKeys.Server.dll"]
