using System.Linq.Expressions;
using FluentValidation;

namespace ApiKeys.Server.Http;

/// <summary>Lists go newest first, a page at a time, by the last row seen: what is added meanwhile shifts nothing.</summary>
internal static class Paging
{
    public const int MaxLimit = 200;
    public const int DefaultLimit = 50;

    /// <summary>One page, and the cursor for the next; null on the last.</summary>
    /// <param name="rows">In order, and one more than the page has where there is a next one.</param>
    /// <param name="limit">How many are on a page.</param>
    /// <param name="cursorOf">Where a row stands in the order.</param>
    public static (List<T> Page, string? NextCursor) Cut<T>(List<T> rows, int limit, Func<T, PageCursor> cursorOf)
    {
        if (rows.Count <= limit)
            return (rows, null);

        var page = rows.GetRange(0, limit);
        return (page, cursorOf(page[^1]).ToString());
    }

    public static void ValidPage<T>(
        this AbstractValidator<T> validator, Expression<Func<T, int?>> limit, Expression<Func<T, string?>> cursor)
    {
        validator.RuleFor(limit).InclusiveBetween(1, MaxLimit);
        validator.RuleFor(cursor).Must(text => text is null || PageCursor.TryParse(text, out _))
            .WithMessage("is not a 'next_cursor' of an earlier answer.");
    }
}
