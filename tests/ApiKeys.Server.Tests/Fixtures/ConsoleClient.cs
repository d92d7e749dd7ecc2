using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.Testing;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>A browser without scripts, signed in to the console: it follows no redirect, so that a test sees where it would go.</summary>
internal sealed partial class ConsoleClient : IDisposable
{
    private ConsoleClient(TestServer server) =>
        Http = server.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });

    public HttpClient Http { get; }

    public static async Task<ConsoleClient> SignInAsync(TestServer server, string apiKey)
    {
        var client = new ConsoleClient(server);
        await client.SubmitAsync("/console/sign-in", "sign-in", "/console/keys", ("api_key", apiKey));
        return client;
    }

    /// <returns>The page.</returns>
    public async Task<string> GetAsync(string path, int status = 200)
    {
        using var response = await Http.GetAsync(path);
        return await ReadAsync(response, status);
    }

    /// <summary>Sends a form of a page, and is sent on.</summary>
    public async Task SubmitAsync(string path, string form, string location, params (string Name, string Value)[] fields)
    {
        using var response = await SendAsync(path, form, fields);
        await ReadAsync(response, 303);
        Assert.Equal(location, response.Headers.Location?.OriginalString);
    }

    /// <summary>Sends a form of a page, and is refused.</summary>
    /// <returns>The page that says why.</returns>
    public async Task<string> RefusedAsync(string path, string form, int status, params (string Name, string Value)[] fields)
    {
        using var response = await SendAsync(path, form, fields);
        return await ReadAsync(response, status);
    }

    public async Task<HttpResponseMessage> SendAsync(string path, string form, params (string Name, string Value)[] fields) =>
        await SendFromAsync(await GetAsync(path), path, form, fields);

    /// <param name="page">As one had it some time ago.</param>
    /// <param name="path">Where it was.</param>
    /// <param name="form">Its name.</param>
    /// <param name="fields">What is in it.</param>
    public async Task<HttpResponseMessage> SendFromAsync(string page, string path, string form, params (string Name, string Value)[] fields)
    {
        var token = Token.Match(page).Groups["token"].Value;
        using var content = new FormUrlEncodedContent(
        [
            new("_handler", form), new("__RequestVerificationToken", token), .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)),
        ]);
        return await Http.PostAsync(path, content);
    }

    public void Dispose() => Http.Dispose();

    /// <summary>What stands beside a field about what is wrong with it, as one reads it; null where nothing does.</summary>
    public static string? ErrorOf(string page, string field) =>
        Regex.Match(page, $"<p class=\"error\" id=\"{field}-error\">(?<text>.*?)</p>", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)
            is { Success: true } error
            ? WebUtility.HtmlDecode(Tag.Replace(error.Groups["text"].Value, "")).Trim()
            : null;

    /// <summary>What one reads of a page, with one space between the words.</summary>
    public static string TextOf(string page) => WebUtility.HtmlDecode(Gap.Replace(Inline.Replace(page, ""), " "));

    /// <summary>The opening tag of an input, with what it holds.</summary>
    public static string InputOf(string page, string id) =>
        Regex.Match(page, $"<input id=\"{id}\"[^>]*>", RegexOptions.NonBacktracking).Value;

    /// <summary>What a page remembers in its forms of how things were.</summary>
    public static IEnumerable<(string Name, string Value)> HiddenOf(string page) => Was.Matches(page)
        .Select(input => (input.Groups["name"].Value, WebUtility.HtmlDecode(input.Groups["value"].Value)));

    private static async Task<string> ReadAsync(HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode} instead of {status}: {response.Headers.Location} {text}");
        return text;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Token { get; }

    [GeneratedRegex("</?(a|b|bdi|code|del|ins|small|span|time)( [^>]*)?>", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Inline { get; }

    [GeneratedRegex(@"(<[^>]*>|\s)+", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Gap { get; }

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>was_[a-z_]+)\" value=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Was { get; }

    [GeneratedRegex("<[^>]*>", RegexOptions.NonBacktracking)]
    private static partial Regex Tag { get; }
}
