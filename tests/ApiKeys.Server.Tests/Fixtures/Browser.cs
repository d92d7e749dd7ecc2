using Microsoft.Playwright;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>One Chromium for the whole run, the machine's own: each test gets a context of its own in it, as a new person's browser is.</summary>
internal static class Browser
{
    /// <summary>For whatever a page is waited for.</summary>
    private const float PatienceMilliseconds = 10_000;

    /// <summary>Where scripts/test looks, too.</summary>
    private static readonly IEnumerable<string> Programs =
    [
        .. from name in (string[])["chromium", "chromium-browser", "google-chrome"]
           from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
           select Path.Combine(folder, name),
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ];

    private static readonly Lazy<Task<IBrowser>> Started = new(StartAsync);

    public static async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions options)
    {
        var browser = await Started.Value;
        var context = await browser.NewContextAsync(options);
        context.SetDefaultTimeout(PatienceMilliseconds);
        return context;
    }

    private static async Task<IBrowser> StartAsync()
    {
        var program = Programs.FirstOrDefault(File.Exists);
        Assert.True(program is not null, "Chromium is not installed. Install it: apt-get install chromium fonts-liberation");
        Assertions.SetDefaultExpectTimeout(PatienceMilliseconds);
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = program,
            Args =
            [
                "--no-sandbox", // tests may run as root
                "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1", // it finds nobody but our hosts
            ],
        });
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            browser.CloseAsync().Wait(TimeSpan.FromSeconds(5));
            playwright.Dispose();
        };
        return browser;
    }
}
