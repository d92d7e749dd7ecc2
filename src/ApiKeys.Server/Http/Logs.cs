using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting;
using Serilog.Formatting.Display;
using Serilog.Formatting.Json;

namespace ApiKeys.Server.Http;

/// <summary>Serilog: lines to read in Development, JSON elsewhere; the section <c>Serilog</c> sets levels and adds sinks.</summary>
internal static class Logs
{
    private const string LineTemplate = "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <param name="configuration">The section <c>Serilog</c> is read.</param>
    /// <param name="isDevelopment">Whether a person reads along.</param>
    /// <param name="toStandardError">For commands, whose standard output is their answer.</param>
    public static Serilog.Core.Logger Create(IConfiguration configuration, bool isDevelopment, bool toStandardError)
    {
        ITextFormatter formatter = isDevelopment ? new MessageTemplateTextFormatter(LineTemplate) : new JsonFormatter(renderMessage: true);
        return new LoggerConfiguration()
            .Enrich.With<RedactingEnricher>()
            .ReadFrom.Configuration(configuration)
            .WriteTo.Console(
                new RedactingFormatter(formatter),
                standardErrorFromLevel: toStandardError ? LogEventLevel.Verbose : null)
            .CreateLogger();
    }

    /// <summary>It makes a logger once. Serilog's own makes one each time, and results ask for theirs in each request.</summary>
    /// <param name="log">Disposed of with it, so that sinks write what they hold.</param>
    public static ILoggerFactory FactoryOf(Serilog.Core.Logger log)
    {
        var loggers = new LoggerFactory([], new LoggerFilterOptions { MinLevel = LogLevel.Trace }); // Serilog has levels of its own
        loggers.AddProvider(new SerilogLoggerProvider(log, dispose: true)); // given to the constructor, it would not be disposed of
        return loggers;
    }
}

/// <summary>
/// The last line of defence: nothing of ours logs a value, but a path, an exception or a library's message may hold what a
/// client put there.
/// </summary>
internal sealed class RedactingFormatter(ITextFormatter inner) : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var text = new StringWriter();
        inner.Format(logEvent, text);
        output.Write(Redaction.Of(text.ToString()));
    }
}

/// <summary>The same for the properties of events, which sinks from the configuration see.</summary>
internal sealed class RedactingEnricher : ILogEventEnricher
{
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        foreach (var (name, property) in logEvent.Properties.ToArray())
        {
            var text = (property as ScalarValue)?.Value?.ToString();
            if (text is not null && Redaction.Of(text) is { } redacted && redacted != text)
                logEvent.AddOrUpdateProperty(new LogEventProperty(name, new ScalarValue(redacted)));
        }
    }
}
