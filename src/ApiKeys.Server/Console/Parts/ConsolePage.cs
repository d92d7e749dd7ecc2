using ApiKeys.Server.Http;
using ApiKeys.Server.Model;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Mvc;

namespace ApiKeys.Server.Console.Parts;

/// <summary>What every page has at hand: the request, who makes it, and the management API.</summary>
public abstract class ConsolePage : ComponentBase
{
    [CascadingParameter]
    private protected HttpContext Context { get; set; } = null!;

    [Inject]
    private protected AdminApi Api { get; set; } = null!;

    [Inject]
    private protected TimeProvider Time { get; set; } = null!;

    private protected Caller Caller => field ??= Caller.Of(Context);

    private protected DateTimeOffset Now => Time.Now();

    /// <summary>What the last call was refused with; null where it was not.</summary>
    private protected ProblemDetails? Problem { get; set; }

    /// <summary>As the user of this page. A refusal becomes the page's own: its status, and what it tells.</summary>
    /// <returns>The answer; default where it was refused.</returns>
    private protected async Task<T?> AskAsync<T>(ApiCall call) => (await CallAsync<T>(call)).Value;

    /// <summary>The same for whom the answer is more than its value.</summary>
    private protected async Task<ApiAnswer<T>> CallAsync<T>(ApiCall call)
    {
        var answer = await Api.CallAsync<T>(Context, call);
        if (answer.IsRefused)
        {
            Problem = answer.Problem;
            SetStatus(answer.Problem.Status ?? StatusCodes.Status500InternalServerError);
        }

        return answer;
    }

    private void SetStatus(int status)
    {
        if (status != StatusCodes.Status404NotFound)
        {
            Context.Response.StatusCode = status;
            return;
        }

        // Of a page that says so before it is written, the framework writes nothing.
        Context.Response.OnStarting(() =>
        {
            if (Context.Response.StatusCode == StatusCodes.Status200OK)
                Context.Response.StatusCode = status;

            return Task.CompletedTask;
        });
    }

    /// <summary>A field of the form that was sent; empty where there is none.</summary>
    private protected string Sent(string name) => Context.Request.HasFormContentType ? Context.Request.Form[name].ToString() : "";

    /// <summary>What a field of a form shows: what was sent, which a refusal does not take away, or else what there is.</summary>
    private protected string Sent(string name, string? otherwise) =>
        Context.Request.HasFormContentType && Context.Request.Form.TryGetValue(name, out var sent) ? sent.ToString() : otherwise ?? "";

    /// <summary>
    /// Whether somebody changed a field of the form that was sent, by what its page said there was before, in a field <c>was_name</c>. What he left
    /// alone is not sent on: another may have changed it since the page was made.
    /// </summary>
    private protected bool IsChanged(string name) =>
        !Context.Request.Form.TryGetValue($"was_{name}", out var was) || Sent(name) != was.ToString();

    /// <summary>Whether the box of <see cref="Confirm"/> was ticked. Browsers insist on it; who comes without one is told.</summary>
    private protected bool IsConfirmed()
    {
        if (Sent("confirm") == "yes")
            return true;

        Problem = Problems.Invalid("confirm", "must be ticked first.").ProblemDetails;
        Context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return false;
    }

    /// <summary>A parameter of the address; null where it is left out or empty.</summary>
    private protected string? Asked(string name) => Context.Request.Query[name].ToString() is { Length: > 0 } text ? text : null;

    /// <summary>To another page, after something was done: going back and reloading do not do it again.</summary>
    private protected void GoTo(string path)
    {
        Context.Response.StatusCode = StatusCodes.Status303SeeOther;
        Context.Response.Headers.Location = path;
    }
}
