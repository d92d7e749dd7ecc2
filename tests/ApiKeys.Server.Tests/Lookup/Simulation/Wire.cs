using Npgsql;

namespace ApiKeys.Server.Tests.Lookup.Simulation;

/// <summary>
/// What lies between a process and the database: a call takes its time to get there, happens at one moment, and its answer takes time to come
/// back. It may fail on the way there or on the way back, and the caller may give up before it has even happened.
/// </summary>
internal sealed class Wire(World world, Machine machine, SimulatedProcess process)
{
    public Task<T> CallAsync<T>(string what, Func<T> execute, CancellationToken cancellationToken)
    {
        var call = new Call<T>(this, what, execute);
        call.Send(cancellationToken);
        return call.Task;
    }

    private bool Works(int epoch) => machine.ReachesDatabase && world.Database.Epoch == epoch;

    private enum Fate
    {
        Answered,
        FailsOnTheWayThere,
        FailsOnTheWayBack,
    }

    private sealed class Call<T>(Wire wire, string what, Func<T> execute) : TaskCompletionSource<T>
    {
        private static readonly SendOrPostCallback Arrive = static call => ((Call<T>)call!).Execute();
        private static readonly SendOrPostCallback Return = static call => ((Call<T>)call!).Answer();
        private static readonly SendOrPostCallback Late = static call => ((Call<T>)call!).GiveUp();

        private readonly World _world = wire.World;
        private readonly int _epoch = wire.World.Database.Epoch;
        private readonly long _back = wire.Machine.Latency();
        private CancellationTokenRegistration _cancellation;
        private Fate _fate;
        private T? _result;

        public void Send(CancellationToken cancellationToken)
        {
            if (cancellationToken.CanBeCanceled)
                _cancellation = cancellationToken.UnsafeRegister(static (call, token) => ((Call<T>)call!).TrySetCanceled(token), this);

            var there = wire.Machine.Latency();
            var patience = wire.Machine.Patience;
            if (_world.Random.Chance(_world.Setting.Flakiness))
            {
                _fate = (Fate)_world.Random.Next(3);
                if (_fate == Fate.Answered)
                    patience = there / 2;
            }

            _world.Scheduler.At(_world.Now + there, process: null, Arrive, this);
            if (there + _back > patience)
                _world.Scheduler.At(_world.Now + patience, wire.Process, Late, this);
        }

        private void Execute()
        {
            if (_fate == Fate.FailsOnTheWayThere || !wire.Works(_epoch))
            {
                _fate = Fate.FailsOnTheWayThere;
                var hangs = wire.Machine.ReachesDatabase ? _back : wire.Machine.TimeToFail();
                _world.Scheduler.At(_world.Now + hangs, wire.Process, Return, this);
                return;
            }

            _result = execute();
            _world.Trace?.Add("database", $"{what} of {wire.Process}: {_world.Trace.Describe(_result)}");
            _world.Scheduler.At(_world.Now + _back, wire.Process, Return, this);
        }

        private void Answer()
        {
            if (_fate == Fate.Answered && wire.Works(_epoch))
                Finish(null);
            else
                Finish("failed");
        }

        private void GiveUp()
        {
            if (!Task.IsCompleted)
                Finish("was given up");
        }

        private void Finish(string? fault)
        {
            _cancellation.Dispose();
            if (Task.IsCompleted)
                return;

            if (fault is null)
            {
                TrySetResult(_result!);
                return;
            }

            _world.Counts[Happened.CallFailed]++;
            _world.Trace?.Add(wire.Process, $"{what} {fault}");
            TrySetException(new NpgsqlException(fault));
        }
    }

    private World World => world;

    private Machine Machine => machine;

    private SimulatedProcess Process => process;
}
