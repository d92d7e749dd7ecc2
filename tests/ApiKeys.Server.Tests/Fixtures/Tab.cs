using System.Collections.Concurrent;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>
/// A page in a browser that nobody else uses. What goes wrong in it is noted: an error in the browser's console, among them whatever
/// the content security policy keeps from happening, an error that no script catches, a request to another host, an answer that failed.
/// </summary>
public sealed class Tab
{
    private const int MaxSteps = 60;

    private readonly Uri _address;
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ConcurrentBag<int> _allowed = [];

    private Tab(Uri address, IBrowserContext context, IPage page) => (_address, Context, Page) = (address, context, page);

    public IPage Page { get; }

    public IBrowserContext Context { get; }

    public IReadOnlyCollection<string> Faults => [.. _faults];

    public static async Task<Tab> OpenAsync(Uri address, BrowserNewContextOptions? options = null)
    {
        var context = await Browser.NewContextAsync(new BrowserNewContextOptions(options ?? new())
        {
            BaseURL = address.ToString(),
            ReducedMotion = ReducedMotion.Reduce, // colours and places are those at the end
        });
        var tab = new Tab(address, context, await context.NewPageAsync());
        context.Console += (_, message) => tab.Hear(message);
        context.WebError += (_, error) => tab._faults.Enqueue($"An error that nobody caught: {error.Error}");
        context.Request += (_, request) => tab.Leave(new Uri(request.Url));
        context.Response += (_, response) => tab.Judge(response);
        return tab;
    }

    /// <summary>This test makes the host answer so.</summary>
    public void Allow(int status) => _allowed.Add(status);

    public Task<IResponse?> GotoAsync(string path) => Page.GotoAsync(path);

    /// <summary>As far as the list of keys.</summary>
    public async Task SignInAsync(string key)
    {
        await GotoAsync("/console/sign-in");
        await PresentAsync(key);
        await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "API keys", Exact = true })).ToBeVisibleAsync();
    }

    /// <summary>At the sign-in page that is open, whatever comes of it.</summary>
    public async Task PresentAsync(string key)
    {
        await Page.GetByLabel("Administration key").FillAsync(key);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
    }

    /// <summary>As one goes on with the keyboard.</summary>
    public async Task TabToAsync(ILocator target)
    {
        for (var steps = 0; steps < MaxSteps; steps++)
        {
            if (await target.EvaluateAsync<bool>("element => element === document.activeElement"))
                return;

            await Page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"The keyboard does not lead to {target} in {MaxSteps} steps.");
    }

    /// <returns>What went wrong in it.</returns>
    public async Task<IEnumerable<string>> CloseAsync()
    {
        if (!Page.IsClosed)
            await Page.TitleAsync(); // what the browser told before it answers this is known after it

        await Context.CloseAsync();
        return Faults;
    }

    /// <summary>Answers that failed are judged as answers.</summary>
    private void Hear(IConsoleMessage message)
    {
        if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource: the server responded", StringComparison.Ordinal))
            _faults.Enqueue($"In the browser's console: {message.Text} ({message.Location})");
    }

    private void Leave(Uri url)
    {
        if (url.Scheme is not ("data" or "blob") && url.GetLeftPart(UriPartial.Authority) != _address.GetLeftPart(UriPartial.Authority))
            _faults.Enqueue($"A request to another host: {url}");
    }

    /// <summary>A page may say that there is nothing, or that a form was filled in wrongly. A part of a page may not.</summary>
    private void Judge(IResponse response)
    {
        var bound = response.Request.IsNavigationRequest ? 500 : 400;
        if (response.Status >= bound && !_allowed.Contains(response.Status))
            _faults.Enqueue($"{response.Status} was answered to {response.Request.Method} {response.Url}");
    }
}
