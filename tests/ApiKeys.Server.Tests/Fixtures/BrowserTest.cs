using Microsoft.Playwright;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>Each test begins with an empty browser; at its end nothing may have gone wrong in it.</summary>
public abstract class BrowserTest(ConsoleServer server) : IAsyncLifetime
{
    private readonly List<Tab> _tabs = [];

    protected ConsoleServer Server => server;

    /// <summary>Open from the start.</summary>
    protected Tab Tab => _tabs[0];

    protected IPage Page => Tab.Page;

    public virtual async Task InitializeAsync() => await OpenAsync();

    public async Task DisposeAsync()
    {
        var faults = new List<string>();
        foreach (var tab in _tabs)
            faults.AddRange(await tab.CloseAsync());

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    /// <summary>Another person's browser.</summary>
    protected async Task<Tab> OpenAsync(BrowserNewContextOptions? options = null)
    {
        var tab = await Tab.OpenAsync(server.Address, options);
        _tabs.Add(tab);
        return tab;
    }
}
