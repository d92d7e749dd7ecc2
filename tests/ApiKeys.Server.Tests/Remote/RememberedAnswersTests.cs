using System.Net;
using ApiKeys.AspNetCore;
using ApiKeys.AspNetCore.Remote;
using ApiKeys.Server.Tests.Fixtures;
using ApiKeys.Server.Tests.Lookup;
using Microsoft.Extensions.Logging.Abstractions;

namespace ApiKeys.Server.Tests.Remote;

/// <summary>What is kept of the service's answers, and when; without the service.</summary>
public sealed class RememberedAnswersTests
{
    private static readonly ApiKeyValue Value = ApiKeyValue.Generate("sk", KeyEnvironment.Live, "k_7Fq2mZ81xY4c");
    private static readonly ApiKeyValue OtherSecret = ApiKeyValue.Generate("sk", KeyEnvironment.Live, "k_7Fq2mZ81xY4c");
    private static readonly ApiKeyDecision Accepted = ApiKeyDecision.Accept(new ApiKeyIdentity
    {
        KeyId = Value.KeyId,
        Name = "A key",
        Organization = "default",
        Environment = "live",
        Scopes = new HashSet<string>(),
    });

    private readonly SteppedClock _clock = new();
    private readonly MemoryStore _store = new();
    private readonly RememberedAnswers _answers;

    public RememberedAnswersTests() => _answers = new RememberedAnswers(_clock, TimeSpan.Zero);

    [Fact]
    public async Task An_answer_is_found_while_the_lease_lasts()
    {
        await JoinAsync();
        Assert.NotNull(Keep(Value));

        _clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.NotNull(Find(Value));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Null(Find(Value));
    }

    [Fact]
    public void Without_a_lease_nothing_is_kept()
    {
        Assert.Null(Keep(Value));
        Assert.Null(Find(Value));
    }

    /// <summary>The service's node may not know yet of a revoke that this one has acknowledged.</summary>
    [Fact]
    public async Task An_answer_of_a_node_that_is_behind_is_not_kept()
    {
        _store.Change(count: 3);
        await JoinAsync();

        Assert.Null(Keep(Value, applied: 2));
        Assert.NotNull(Keep(Value, applied: 3));
    }

    /// <summary>One that has not noticed yet that the database was restored has higher numbers, and knows nothing of what came since.</summary>
    [Fact]
    public async Task An_answer_of_a_node_with_another_log_is_not_kept()
    {
        _store.Change(count: 3);
        await JoinAsync();

        Assert.Null(Keep(Value, applied: 900));
        Assert.Null(Keep(Value, new LogPosition(3, PositionOf(3).At!.Value.AddMicroseconds(1))));
    }

    /// <summary>It is applied first, then acknowledged, and only then does the node say so: a question in between is one after it.</summary>
    [Fact]
    public async Task An_answer_of_a_node_that_is_behind_what_is_being_acknowledged_is_not_kept()
    {
        await JoinAsync();

        ((INodeMemory)_answers).Apply([Snapshots.Change(InvalidationKind.Key, "k_000000000000", seq: 1)]);

        Assert.Null(Keep(Value, applied: 0));
        Assert.Null(Keep(Value, applied: 1)); // nor of one that is ahead of what is told of this one
    }

    [Fact]
    public async Task An_answer_that_was_asked_for_before_a_change_is_not_kept_after_it()
    {
        await JoinAsync();
        var asked = Ask();

        ((INodeMemory)_answers).Apply([Snapshots.Change(InvalidationKind.Key, "k_000000000000", seq: 1)]);

        Assert.Null(Keep(Value, asked: asked));
    }

    [Fact]
    public async Task After_a_loss_the_numbers_of_the_log_may_be_lower()
    {
        await JoinAsync();
        ((INodeMemory)_answers).Apply([Snapshots.Change(InvalidationKind.Key, "k_000000000000", seq: 900)]);
        Assert.Null(Keep(Value));

        ((INodeMemory)_answers).Forget();

        Assert.NotNull(Keep(Value));
    }

    [Theory]
    [InlineData(InvalidationKind.Key, "k_7Fq2mZ81xY4c", false)]
    [InlineData(InvalidationKind.Key, "k_000000000000", true)]
    [InlineData(InvalidationKind.Organization, "0198f0c2-0000-7000-8000-000000000000", false)]
    [InlineData(InvalidationKind.Member, "0198f0c2-0000-7000-8000-000000000000", false)]
    [InlineData(InvalidationKind.Catalog, "", false)]
    [InlineData(InvalidationKind.Everything, "", false)]
    [InlineData((InvalidationKind)99, "of a later version", false)]
    internal async Task A_change_makes_it_forgotten(InvalidationKind kind, string target, bool stays)
    {
        await JoinAsync();
        Keep(Value);

        ((INodeMemory)_answers).Apply([Snapshots.Change(kind, target)]);

        Assert.Equal(stays, Find(Value) is not null);
    }

    [Fact]
    public async Task It_holds_until_the_instant_at_which_the_key_expires()
    {
        await JoinAsync();
        Keep(Value, milliseconds: 5_000);

        _clock.Advance(TimeSpan.FromMilliseconds(5_000) - TimeSpan.FromTicks(1));
        Assert.NotNull(Find(Value));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Null(Find(Value));
    }

    /// <summary>More milliseconds than an int holds. The expiry of a key is no change: nobody tells of it.</summary>
    [Theory]
    [InlineData(24)]
    [InlineData(30)]
    [InlineData(365)]
    public async Task It_holds_until_the_key_expires_however_long_that_is(int days)
    {
        var node = await JoinAsync();
        Keep(Value, milliseconds: (long)TimeSpan.FromDays(days).TotalMilliseconds);

        _clock.Advance(TimeSpan.FromDays(days) - TimeSpan.FromSeconds(1));
        await node.StartAsync(default);
        Assert.NotNull(Find(Value));

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_answers.HoldsLease);
        Assert.Null(Find(Value));
    }

    /// <summary>As a node would: its own clock runs apart from the database's in the days that a key is remembered.</summary>
    [Fact]
    public async Task A_key_expires_by_the_databases_clock()
    {
        var node = await JoinAsync();
        Keep(Value, milliseconds: (long)TimeSpan.FromDays(20).TotalMilliseconds);

        _clock.Advance(TimeSpan.FromDays(20) - TimeSpan.FromSeconds(2));
        _store.DatabaseTime = DateTimeOffset.UnixEpoch.AddDays(20);
        await node.StartAsync(default);

        Assert.True(_answers.HoldsLease);
        Assert.Null(Find(Value));
    }

    /// <summary>The log was trimmed past this node: between that everything was forgotten and that the node knows its new number.</summary>
    [Fact]
    public async Task An_answer_of_a_node_that_is_behind_is_not_kept_after_a_gap_in_the_log()
    {
        _store.Change(count: 3);
        var late = new LateAnswer(_answers);
        var node = await JoinAsync(late);
        _store.Change(count: 2);
        await _store.TrimAsync(default);
        late.AfterForget = () => Keep(Value, applied: 3); // has heeded neither the fourth nor the fifth

        await node.StartAsync(default);

        Assert.Equal(5, _store.Rows.Single().Acked);
        Assert.Null(Find(Value));
    }

    /// <summary>As by a cache between, or from a database that is behind.</summary>
    [Fact]
    public async Task A_lease_is_not_extended_by_a_log_that_ends_before_what_the_renewal_says()
    {
        var node = await JoinAsync();
        Keep(Value);
        _store.Change(InvalidationKind.Key, Value.KeyId);
        _store.LogIsStale = true;
        for (var i = 0; i < 6; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
            await node.StartAsync(default).WaitAsync(TimeSpan.FromSeconds(5));
        }

        Assert.Null(Find(Value));
    }

    [Fact]
    public async Task It_holds_for_the_value_and_the_address_that_were_asked_for()
    {
        await JoinAsync();
        Keep(Value, address: IPAddress.Loopback);

        Assert.NotNull(Find(Value, IPAddress.Loopback));
        Assert.Null(Find(Value, IPAddress.IPv6Loopback));
        Assert.Null(Find(Value));
        Assert.Null(Find(OtherSecret, IPAddress.Loopback));
    }

    [Fact]
    public async Task Two_secrets_of_a_key_are_remembered_and_not_three()
    {
        await JoinAsync();
        var third = ApiKeyValue.Generate("sk", KeyEnvironment.Live, Value.KeyId);
        Keep(Value, secretNumber: 1);
        Keep(OtherSecret, secretNumber: 2);
        Assert.NotNull(Find(Value));
        Assert.NotNull(Find(OtherSecret));

        Keep(third, secretNumber: 3);

        Assert.NotNull(Find(third));
        Assert.Single(new[] { Value, OtherSecret }, value => Find(value) is not null);
    }

    [Fact]
    public async Task Uses_are_taken_once_even_of_what_is_forgotten()
    {
        await JoinAsync();
        var answer = Keep(Value, secretNumber: 4)!;
        for (var i = 0; i < 3; i++)
            _answers.Note(answer, ApiKeyOutcome.Accepted, IPAddress.Loopback);

        _answers.Note(answer, ApiKeyOutcome.InsufficientScope, IPAddress.IPv6Loopback);
        ((INodeMemory)_answers).Forget();

        Assert.Equal(
            [
                new RememberedUse(Value.KeyId, 4, ApiKeyOutcome.Accepted, 3, "::1"),
                new RememberedUse(Value.KeyId, 4, ApiKeyOutcome.InsufficientScope, 1, "::1"),
            ],
            _answers.TakeUses(most: 10));
        Assert.Empty(_answers.TakeUses(most: 10));
    }

    private async Task<Node> JoinAsync(INodeMemory? memory = null)
    {
        var options = new LeaseOptions();
        var lease = new Lease(_clock, options);
        var node = new Node(_store, memory ?? _answers, lease, options, _clock, new Random(1), NullLogger<Node>.Instance);
        _answers.Join(node, lease);
        await node.StartAsync(default);
        Assert.True(_answers.HoldsLease);
        return node;
    }

    private Asked Ask(IPAddress? address = null) => new(_clock.GetTimestamp(), _answers.Generation, address);

    /// <summary>As <see cref="MemoryStore"/> numbers and times its log.</summary>
    private static LogPosition PositionOf(long seq) => new(seq, seq == 0 ? null : DateTimeOffset.UnixEpoch.AddSeconds(seq - 1));

    private RememberedAnswer? Keep(
        ApiKeyValue value, long? applied = null, long? milliseconds = null, IPAddress? address = null, int secretNumber = 1, Asked? asked = null) =>
        Keep(value, PositionOf(applied ?? _store.Log.Count), milliseconds, address, secretNumber, asked);

    private RememberedAnswer? Keep(
        ApiKeyValue value, LogPosition applied, long? milliseconds = null, IPAddress? address = null, int secretNumber = 1, Asked? asked = null)
    {
        PresentedValue.TryRead(value.Reveal(), new byte[ApiKeyValue.MaxLength], out var presented);
        return _answers.TryKeep(presented, Accepted, asked ?? Ask(address), new AnswerTerms(ApiKeyOutcome.Accepted, applied)
        {
            MayBeKept = true,
            Milliseconds = milliseconds,
            IsForAddress = address is not null,
            SecretNumber = secretNumber,
        });
    }

    private RememberedAnswer? Find(ApiKeyValue value, IPAddress? address = null)
    {
        PresentedValue.TryRead(value.Reveal(), new byte[ApiKeyValue.MaxLength], out var presented);
        return _answers.Find(presented, address);
    }

    /// <summary>An answer arrives at the worst moment.</summary>
    private sealed class LateAnswer(INodeMemory memory) : INodeMemory
    {
        public Action? AfterForget { get; set; }

        public void Apply(IEnumerable<Invalidation> invalidations) => memory.Apply(invalidations);

        public void Forget()
        {
            memory.Forget();
            var late = AfterForget;
            AfterForget = null;
            late?.Invoke();
        }

        public void NextGeneration() => memory.NextGeneration();
    }
}
