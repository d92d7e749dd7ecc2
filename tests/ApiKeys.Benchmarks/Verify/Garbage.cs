namespace ApiKeys.Benchmarks.Verify;

/// <summary>What is presented and cannot be a key: many different ones of each kind, so that no branch is foreseen.</summary>
internal static class Garbage
{
    private const int Each = 256;
    private const int ValueLength = 72;
    private const string Printable = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-.~!$&'()*+,;=:@/?";

    public static IEnumerable<(string Name, IEnumerable<string> Values)> Kinds(RememberedKeys keys)
    {
        var random = new Random(1);
        yield return ("a wrong checksum", keys.Values.Take(Each).Select(WithWrongChecksum).ToList());
        yield return ("72 random characters", Some(() => Text(ValueLength)));
        yield return ("the form, and one wrong character", keys.Values.Take(Each).Select(value => value[..40] + '-' + value[41..]).ToList());
        yield return ("empty", [""]);
        yield return ("short", Some(() => Text(random.Next(1, ValueLength - 1))));
        yield return ("not ASCII", keys.Values.Take(Each).Select(value => value[..^1] + 'é').ToList());
        yield return ("8,000 characters", Some(() => "sk_live_k_" + Text(7_990)));

        List<string> Some(Func<string> one) => [.. Enumerable.Range(0, Each).Select(_ => one())];

        string Text(int length) => new(random.GetItems<char>(Printable, length));
    }

    /// <summary>One digit of it is another digit.</summary>
    private static string WithWrongChecksum(string value) => value[..^1] + (value[^1] == '0' ? '1' : '0');
}
