using System.Net;
using System.Security.Cryptography;
using ApiKeys.AspNetCore;

namespace ApiKeys.Benchmarks.Verify;

/// <summary>The yardstick, and what is measured with it.</summary>
internal static class Operations
{
    private const int ValueLength = 72;

    /// <summary>As many bytes as are hashed of a key: its salt, and its value.</summary>
    public static Operation Sha256()
    {
        var bytes = RandomNumberGenerator.GetBytes(SecretHash.SaltLength + ValueLength);
        var hash = new byte[SHA256.HashSizeInBytes];
        return new Operation("SHA256.HashData of 88 bytes", count =>
        {
            for (var i = 0; i < count; i++)
                SHA256.HashData(bytes, hash);
        });
    }

    /// <summary>The first so many keys in turn.</summary>
    public static Operation Accepted(string name, RememberedKeys keys, int count) =>
        Verified(name, keys.Values.Take(count), keys.Verifier, ApiKeyOutcome.Accepted);

    public static Operation Refused(string name, IEnumerable<string> values, RememberedKeys keys) =>
        Verified(name, values, keys.Verifier, ApiKeyOutcome.InvalidKey);

    private static Operation Verified(string name, IEnumerable<string> values, IApiKeyVerifier verifier, ApiKeyOutcome expected)
    {
        var presented = values.Select(value => new PresentedApiKey(value)).ToArray();
        var next = 0;
        return new Operation(name, count =>
        {
            for (var i = 0; i < count; i++)
            {
                var answer = verifier.VerifyAsync(new ApiKeyQuestion(presented[next], IPAddress.Loopback), CancellationToken.None);
                if (!answer.IsCompletedSuccessfully || answer.Result.Outcome != expected)
                    throw new BenchException($"{name}: not answered from memory with {expected}.");

                next = next + 1 == presented.Length ? 0 : next + 1;
            }
        });
    }
}
