using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.Testing;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>What a browser sends to the console, request by request, for tests of what exactly is sent and answered.</summary>
internal sealed partial class Visit
{
    public const string SessionCookie = "apikeys-session";

    private readonly HttpClient _client;
    private string _token = "";

    private Visit(HttpClient client, IDictionary<string, string> cookies) => (_client, Cookies) = (client, new(cookies, StringComparer.Ordinal));

    public Dictionary<string, string> Cookies { get; }

    /// <summary>Sent with each request.</summary>
    public Dictionary<string, string> Headers { get; } = [];

    public string Session => Cookies[SessionCookie];

    public static Visit To(TestServer server) => new(ClientOf(server), new Dictionary<string, string>());

    /// <param name="server">Where to.</param>
    /// <param name="key">With which key; null for the operator's.</param>
    public static async Task<Visit> SignedInAsync(TestServer server, string? key = null)
    {
        var visit = To(server);
        var answer = await visit.SignInAsync(key ?? server.OperatorKey.Value);
        Assert.Equal((303, "/console/keys"), (answer.Status, answer.Location));
        return visit;
    }

    /// <summary>The same cookies, sent to another node, or by somebody who has copied them.</summary>
    public Visit CopyTo(TestServer server) => new(ClientOf(server), Cookies) { _token = _token };

    /// <param name="key">What is put into the form.</param>
    /// <param name="page">The sign-in page with its parameters.</param>
    public async Task<Reply> SignInAsync(string key, string page = "/console/sign-in")
    {
        await GetAsync(page);
        return await PostAsync(page, ("_handler", "sign-in"), ("api_key", key));
    }

    public Task<Reply> SignOutAsync() => PostAsync("/console/sign-out");

    public async Task<Reply> GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await SendAsync(request);
    }

    /// <summary>With the token of the page that was seen last.</summary>
    public Task<Reply> PostAsync(string path, params (string Name, string Value)[] fields) =>
        PostWithoutTokenAsync(path, [("__RequestVerificationToken", _token), .. fields]);

    public async Task<Reply> PostWithoutTokenAsync(string path, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await SendAsync(request);
    }

    /// <summary>For a request that is written by hand.</summary>
    public string CookieHeader => string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"));

    public string Token => _token;

    /// <summary>He sees pages.</summary>
    public async Task ShouldBeInAsync()
    {
        var answer = await GetAsync("/console/keys");
        Assert.Equal((200, null), (answer.Status, answer.Location));
    }

    /// <summary>He is sent to the sign-in page, and told why.</summary>
    public async Task ShouldBeOutAsync(string? ended = "session_ended")
    {
        var answer = await GetAsync("/console/keys");
        var told = ended is null ? "" : $"&ended={ended}";
        Assert.Equal((302, $"/console/sign-in?return=%2Fconsole%2Fkeys{told}"), (answer.Status, answer.Location));
    }

    private async Task<Reply> SendAsync(HttpRequestMessage request)
    {
        if (Cookies.Count > 0)
            request.Headers.Add("Cookie", CookieHeader);

        foreach (var (name, value) in Headers)
            request.Headers.Add(name, value);

        using var response = await _client.SendAsync(request);
        var html = await response.Content.ReadAsStringAsync();
        if (HiddenToken.Match(html) is { Success: true } token)
            _token = token.Groups["value"].Value;

        string[] set = response.Headers.TryGetValues("Set-Cookie", out var cookies) ? [.. cookies] : [];
        foreach (var cookie in set)
            Keep(cookie);

        var headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new Reply((int)response.StatusCode, response.Headers.Location?.OriginalString, html, set, headers);
    }

    private void Keep(string cookie)
    {
        var (name, value) = (cookie[..cookie.IndexOf('=', StringComparison.Ordinal)], cookie[(cookie.IndexOf('=', StringComparison.Ordinal) + 1)..].Split(';')[0]);
        if (value.Length == 0)
            Cookies.Remove(name);
        else
            Cookies[name] = value;
    }

    /// <summary>Which follows no redirect and keeps no cookies by itself.</summary>
    private static HttpClient ClientOf(TestServer server) => server is KestrelTestServer kestrel
        ? new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = kestrel.Address }
        : server.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = false });

    [GeneratedRegex("""name="__RequestVerificationToken" value="(?<value>[^"]+)""", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex HiddenToken { get; }

    internal sealed record Reply(int Status, string? Location, string Html, string[] SetCookies, IReadOnlyDictionary<string, string> Headers)
    {
        /// <summary>The page as a person reads it: without what is between angle brackets.</summary>
        public string Text => WebUtility.HtmlDecode(Tags.Replace(Html, " "));
    }

    [GeneratedRegex("<[^>]*>", RegexOptions.NonBacktracking)]
    private static partial Regex Tags { get; }
}
