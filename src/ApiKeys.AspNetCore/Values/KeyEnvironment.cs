namespace ApiKeys.AspNetCore.Values;

/// <summary>What a key is for. It is part of the value, so that a test key is recognised at sight.</summary>
internal enum KeyEnvironment
{
    Live,
    Test,
}

internal static class KeyEnvironments
{
    /// <summary>As it stands in a value, in JSON and in the database.</summary>
    public static string Name(this KeyEnvironment environment) => environment == KeyEnvironment.Live ? "live" : "test";

    /// <param name="name">One of these two names.</param>
    public static KeyEnvironment Of(string name) => name switch
    {
        "live" => KeyEnvironment.Live,
        "test" => KeyEnvironment.Test,
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
