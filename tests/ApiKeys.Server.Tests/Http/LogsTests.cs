using ApiKeys.Server.Http;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace ApiKeys.Server.Tests.Http;

public sealed class LogsTests
{
    /// <summary>A file's last lines are written when the host ends, or never.</summary>
    [Fact]
    public void Sinks_are_disposed_of_with_the_factory_and_hear_of_every_level_that_Serilog_lets_through()
    {
        using var sink = new Sink();
        using (var loggers = Logs.FactoryOf(new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(sink).CreateLogger()))
        {
            Assert.Same(loggers.CreateLogger("a"), loggers.CreateLogger("a"));
            loggers.CreateLogger("a").Log(LogLevel.Trace, default, "Something", null, static (text, _) => text);
            Assert.False(sink.IsDisposed);
        }

        Assert.True(sink.IsDisposed);
        Assert.Equal("Something", Assert.Single(sink.Events).RenderMessage());
    }

    private sealed class Sink : ILogEventSink, IDisposable
    {
        public List<LogEvent> Events { get; } = [];

        public bool IsDisposed { get; private set; }

        public void Emit(LogEvent logEvent) => Events.Add(logEvent);

        public void Dispose() => IsDisposed = true;
    }
}
