using System.Data.Common;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ApiKeys.Server.Database;

/// <summary>
/// Reads rows and locks them in one statement, for which EF Core has no word: such a query is marked, and what is missing is added to its
/// SQL. Only rows of the table that it begins with are locked.
/// </summary>
internal sealed partial class RowLock : DbCommandInterceptor
{
    /// <summary>For <c>TagWith</c>. Until the transaction ends others read the rows, and write rows that refer to them, but change none.</summary>
    public const string Mark = "locks its rows";

    public static readonly RowLock Instance = new();

    public override InterceptionResult<DbDataReader> ReaderExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        Complete(command);
        return result;
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Complete(command);
        return new(result);
    }

    private static void Complete(DbCommand command)
    {
        if (!command.CommandText.StartsWith($"-- {Mark}", StringComparison.Ordinal))
            return;

        command.CommandText += FirstTable.Match(command.CommandText) is { Success: true } table
            ? $"\nFOR NO KEY UPDATE OF {table.Groups["name"].Value}"
            : throw new InvalidOperationException("No table was found whose rows could be locked.");
    }

    /// <summary>What is nested stands further to the right.</summary>
    [GeneratedRegex(@"^FROM \S+ AS (?<name>\S+)", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex FirstTable { get; }
}
