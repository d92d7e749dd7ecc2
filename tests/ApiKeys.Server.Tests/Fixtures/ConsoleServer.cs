namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>A host whose console browsers can open.</summary>
public class ConsoleServer : KestrelTestServer;
