namespace ApiKeys.Server.Catalog;

/// <summary>The configuration cannot be used; the message lists everything that is wrong with it.</summary>
internal sealed class ConfigurationException(IEnumerable<string> errors)
    : Exception("The configuration has errors:\n  " + string.Join("\n  ", errors));
