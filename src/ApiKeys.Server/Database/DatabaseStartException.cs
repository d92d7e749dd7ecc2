namespace ApiKeys.Server.Database;

/// <summary>There is no database to start with. The message is for whoever started the host and says what to do.</summary>
internal sealed class DatabaseStartException(string message) : Exception(message);
