using System.Security.Cryptography;
using System.Text;
using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using ApiKeys.Server.Tests.Fixtures;
using static ApiKeys.Server.Tests.Fixtures.IdempotentCalls;

namespace ApiKeys.Server.Tests.Http;

/// <summary>Who has the whole database, and everything that was logged, has no value.</summary>
public sealed class IdempotencySecrecyTests(TestServer server) : IClassFixture<TestServer>
{
    private const int SecretLength = 49;

    [Fact]
    public async Task The_table_holds_no_part_of_the_value_nor_of_the_header()
    {
        var columns = await server.QuerySqlAsync<string>(
            $"select column_name::text as \"Value\" from information_schema.columns where table_name = 'idempotent_answers' order by 1");
        Assert.Equal(["expires_at", "id", "request_hash", "sealed"], columns);
        var (header, key) = (server.NewHeader(), await server.CreateKeyAsync());

        var answer = await server.Operator.PostOnceAsync(RotateOf(key.KeyId), header, null);

        var bytes = (await server.QuerySqlAsync<byte[]>($"select id || request_hash || sealed as \"Value\" from idempotent_answers"))
            .SelectMany(row => row).ToArray();
        Assert.True(bytes.Length > answer.Bytes.Length);
        Assert.All(Parts(answer.Value[^SecretLength..]).Concat(Parts(header)).Append("api_key").Append(key.KeyId), part =>
        {
            Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(part)));
            Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(part)));
        });
        Assert.All([header, answer.Value, answer.Value[^SecretLength..]], text => // hashed alone, it could be guessed at or looked up
            Assert.Equal(-1, bytes.AsSpan().IndexOf(SHA256.HashData(Encoding.UTF8.GetBytes(text)))));
        Assert.All(server.Logs.Lines, line => Assert.DoesNotContain(header, line, StringComparison.Ordinal));
        Assert.All(server.Logs.Lines, line => Assert.DoesNotContain(answer.Value[^SecretLength..], line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_the_header_and_the_key_id_of_who_sent_it_open_an_answer()
    {
        await server.ExecuteSqlAsync($"delete from idempotent_answers");
        var header = server.NewHeader();
        var answer = await server.Operator.PostOnceAsync(KeysPath, header, AKey);
        var row = await ReadRowAsync();

        var (id, key) = Derive(header, server.OperatorKey.KeyId);
        Assert.Equal(row.Id, id);
        Assert.Equal(answer.Bytes, Encoding.Latin1.GetString(RecordedAnswer.Open(row, key).Body));

        byte[][] known = [row.Id, row.RequestHash, row.Sealed[..32], row.Sealed[^32..], .. await HashesAsync(), new byte[32]];
        Assert.All([.. known, .. known.Select(SHA256.HashData), .. known.Select(bytes => bytes.Zip(row.Id, (a, b) => (byte)(a ^ b)).ToArray())],
            guess => ShouldNotOpen(row, guess));
        Assert.All([(header, "k_000000000000"), (header + "0", server.OperatorKey.KeyId), (header.ToUpperInvariant(), server.OperatorKey.KeyId)],
            guess => ShouldNotOpen(row, Derive(guess.Item1, guess.Item2).Key));
    }

    [Fact]
    public async Task An_answer_that_was_changed_or_moved_to_another_row_does_not_open()
    {
        await server.ExecuteSqlAsync($"delete from idempotent_answers");
        var header = server.NewHeader();
        await server.Operator.PostOnceAsync(KeysPath, header, AKey);
        var (row, key) = (await ReadRowAsync(), Derive(header, server.OperatorKey.KeyId).Key);

        ShouldNotOpen(Changed(row, row.RequestHash, row.Sealed), key);
        Assert.All([0, row.Sealed.Length / 2, row.Sealed.Length - 1], at =>
        {
            byte[] changed = [.. row.Sealed];
            changed[at] ^= 1;
            ShouldNotOpen(Changed(row, row.Id, changed), key);
        });
    }

    private static void ShouldNotOpen(IdempotentAnswer row, byte[] key) =>
        Assert.Throws<AuthenticationTagMismatchException>(() => RecordedAnswer.Open(row, key));

    private static IdempotentAnswer Changed(IdempotentAnswer row, byte[] id, byte[] sealedBytes) =>
        new() { Id = id, RequestHash = row.RequestHash, Sealed = sealedBytes, ExpiresAt = row.ExpiresAt };

    /// <summary>Written out once more, so that a change of it, which would forget every answer, shows here.</summary>
    private static (byte[] Id, byte[] Key) Derive(string header, string keyId)
    {
        var bytes = Rfc2898DeriveBytes.Pbkdf2(
            header, Encoding.UTF8.GetBytes($"apikeys idempotency {keyId}"), 20_000, HashAlgorithmName.SHA256, 64);
        return (bytes[..32], bytes[32..]);
    }

    private async Task<IdempotentAnswer> ReadRowAsync()
    {
        var columns = await server.QuerySqlAsync<byte[]>(
            $"select unnest(array[id, request_hash, sealed]) as \"Value\" from idempotent_answers");
        return new IdempotentAnswer { Id = columns[0], RequestHash = columns[1], Sealed = columns[2], ExpiresAt = default };
    }

    private async Task<byte[][]> HashesAsync() =>
        [.. await server.QuerySqlAsync<byte[]>($"select secret_hash as \"Value\" from api_keys")];

    /// <summary>Six characters each: fewer are found by chance.</summary>
    private static IEnumerable<string> Parts(string secret) =>
        Enumerable.Range(0, secret.Length - 5).Select(start => secret.Substring(start, 6));
}
