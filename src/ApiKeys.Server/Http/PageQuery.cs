using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using FluentValidation;
using Microsoft.AspNetCore.Mvc;

namespace ApiKeys.Server.Http;

/// <summary>Lists go newest first, a page at a time, by the last row seen: what is added meanwhile shifts nothing.</summary>
internal abstract record PageQuery
{
    public const int MaxLimit = 200;
    private const int DefaultLimit = 50;

    /// <summary>How many on a page.</summary>
    [FromQuery(Name = "limit"), Range(1, MaxLimit), DefaultValue(DefaultLimit)]
    public int? Limit { get; init; }

    /// <summary>The <c>next_cursor</c> of the page before.</summary>
    [FromQuery(Name = "cursor")]
    public string? Cursor { get; init; }

    internal int PageSize => Limit ?? DefaultLimit;

    /// <summary>The rules of both.</summary>
    public sealed class Rules : AbstractValidator<PageQuery>
    {
        public Rules()
        {
            RuleFor(q => q.Limit).InclusiveBetween(1, MaxLimit);
            RuleFor(q => q.Cursor).Must(text => text is null || PageCursor.TryParse(text, out _))
                .WithMessage("is not a 'next_cursor' of an earlier answer.");
        }
    }

    /// <summary>One page, and the cursor for the next; null on the last.</summary>
    /// <param name="rows">In order, and one more than the page has where there is a next one.</param>
    /// <param name="cursorOf">Where a row stands in the order.</param>
    public (List<T> Page, string? NextCursor) Cut<T>(List<T> rows, Func<T, PageCursor> cursorOf)
    {
        if (rows.Count <= PageSize)
            return (rows, null);

        var page = rows.GetRange(0, PageSize);
        return (page, cursorOf(page[^1]).ToString());
    }
}
