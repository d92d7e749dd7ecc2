using ApiKeys.AspNetCore;
using ApiKeys.AspNetCore.Swashbuckle;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace ApiKeys.Server.Http.OpenApi;

/// <summary>The document at <c>/swagger/v1/swagger.json</c> and Swagger UI over it.</summary>
internal static class OpenApiSetup
{
    public const string BasicScheme = "Basic";

    public static void AddOpenApiDocument(this IServiceCollection services) => services
        .AddEndpointsApiExplorer()
        .AddSwaggerGen(Configure);

    public static void UseSwaggerPages(this IApplicationBuilder app)
    {
        app.UseSwagger(swagger => swagger.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1);
        app.UseSwaggerUI(ui =>
        {
            ui.SwaggerEndpoint("v1/swagger.json", "ApiKeys");
            ui.DocumentTitle = "ApiKeys";
            ui.DisplayRequestDuration();
            ui.DefaultModelsExpandDepth(0);
        });
    }

    private static void Configure(SwaggerGenOptions options)
    {
        options.SwaggerDoc("v1", new OpenApiInfo
        {
            Title = "ApiKeys",
            Version = "v1",
            Description = "Issues, checks, rotates and revokes API keys. Authorize with a key, as `X-API-Key` or as `Bearer`, never both.",
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        });
        options.AddServer(new OpenApiServer { Url = "/", Description = "This host" });
        options.AddApiKeys();
        options.AddSecurityDefinition(BasicScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "basic",
            Description = "For introspection alone: the key id as the name, the value as the password.",
        });

        options.SupportNonNullableReferenceTypes();
        options.CustomSchemaIds(NameOf);
        options.DocumentFilter<DocumentDetails>();
        options.OperationFilter<OperationDetails>();
        options.ParameterFilter<ParameterDetails>();
        options.SchemaFilter<SchemaDetails>();
        options.IncludeXmlComments(typeof(OpenApiSetup).Assembly);
        options.IncludeXmlComments(typeof(ApiKeyOptions).Assembly);
    }

    /// <summary><c>CreateKey.Request</c> is CreateKeyRequest; <c>KeyResponse</c> is itself.</summary>
    private static string NameOf(Type type) => type.IsNested ? type.DeclaringType!.Name + type.Name : type.Name;
}
