using System.Text.RegularExpressions;
using Serilog;
using Serilog.Events;
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
            .ReadFrom.Configuration(configuration)
            .WriteTo.Console(
                new RedactingFormatter(formatter),
                standardErrorFromLevel: toStandardError ? LogEventLevel.Verbose : null)
            .CreateLogger();
    }
}

/// <summary>
/// The last line of defence: nothing of ours logs a value, but a path, an exception or a library's message may hold what a
/// client put there. What looks like a value leaves only its key prefix.
/// </summary>
internal sealed partial class RedactingFormatter(ITextFormatter inner) : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var text = new StringWriter();
        inner.Format(logEvent, text);
        output.Write(Value.Replace(text.ToString(), "${prefix}_[redacted]"));
    }

    [GeneratedRegex("(?<prefix>[a-z]{2,8}_(?:live|test)_k_[0-9A-Za-z]{12})_[0-9A-Za-z]+", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Value { get; }
}
