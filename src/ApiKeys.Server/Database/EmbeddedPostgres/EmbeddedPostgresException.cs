namespace ApiKeys.Server.Database.EmbeddedPostgres;

/// <summary>PostgreSQL cannot be started here. The message is for whoever started the host and says what to do.</summary>
internal sealed class EmbeddedPostgresException(string message) : Exception(message);
