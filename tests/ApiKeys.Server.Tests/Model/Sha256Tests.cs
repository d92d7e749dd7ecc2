using System.Security.Cryptography;

namespace ApiKeys.Server.Tests.Model;

public sealed class Sha256Tests
{
    [Fact]
    public void It_gives_what_the_framework_gives_of_every_length_on_every_thread()
    {
        var wrong = 0;
        var threads = Enumerable.Range(0, 4).Select(seed => new Thread(() => Compare(seed))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.Equal(0, wrong);

        void Compare(int seed)
        {
            var random = new Random(seed);
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            for (var length = 0; length < 300; length++)
            {
                var bytes = new byte[length];
                random.NextBytes(bytes);
                Sha256.HashData(bytes, hash);
                if (!hash.SequenceEqual(SHA256.HashData(bytes)))
                    Interlocked.Increment(ref wrong);
            }
        }
    }

    [Fact]
    public void The_quick_way_is_taken_where_OpenSSL_3_is() =>
        Assert.Equal(OperatingSystem.IsLinux() && SafeEvpPKeyHandle.OpenSslVersion >> 28 == 3, Sha256.IsNative);

    [Fact]
    public void A_place_that_is_too_short_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Sha256.HashData("abc"u8, new byte[31]));
}
