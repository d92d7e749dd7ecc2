using ApiKeys.Server.Tests.Fixtures;
using Microsoft.Playwright;

namespace ApiKeys.Server.Tests.Console;

/// <summary>
/// Every page, on a large screen and on a telephone, light and dark: nothing scrolls sideways, and everybody can use it. Where
/// APIKEYS_SCREENSHOTS names a folder, it is also the pictures of them all.
/// </summary>
public sealed class Screenshots(Screenshots.SampleServer server) : BrowserTest(server), IClassFixture<Screenshots.SampleServer>
{
    private static readonly (string Name, int Width, int Height, ColorScheme Colours)[] Settings =
    [
        ("wide-light", 1280, 800, ColorScheme.Light), ("wide-dark", 1280, 800, ColorScheme.Dark),
        ("narrow-light", 390, 844, ColorScheme.Light), ("narrow-dark", 390, 844, ColorScheme.Dark),
    ];

    private static readonly string? Folder = Environment.GetEnvironmentVariable("APIKEYS_SCREENSHOTS") is { Length: > 0 } folder ? folder : null;

    /// <summary>In an address, {key} and {revoked} stand for keys of the sample.</summary>
    public static TheoryData<string, string, Visitor> Pages => new()
    {
        { "sign-in", "/console/sign-in", Visitor.Nobody },
        { "sign-in-ended", "/console/sign-in?ended=revoked_key&return=%2Fconsole%2Fkeys", Visitor.Nobody },
        { "keys", "/console/keys", Visitor.Operator },
        { "keys-revoked", "/console/keys?status=revoked", Visitor.Operator },
        { "keys-none", "/console/keys?search=nothing-matches", Visitor.Operator },
        { "keys-filtered", "/console/keys?organization=acme&scope=incidents:read&environment=live", Visitor.Operator },
        { "keys-acme", "/console/keys", Visitor.Administrator },
        { "nothing-here", "/console/nothing-here", Visitor.Operator },
        { "key-new", "/console/keys/new", Visitor.Operator },
        { "key", "/console/keys/{key}", Visitor.Operator },
        { "key-ended", "/console/keys/{revoked}", Visitor.Operator },
        { "key-edit", "/console/keys/{key}/edit", Visitor.Operator },
        { "key-rotate", "/console/keys/{key}/rotate", Visitor.Operator },
        { "key-revoke", "/console/keys/{key}/revoke", Visitor.Operator },
        { "organization", "/console/organization", Visitor.Administrator },
        { "organizations", "/console/organizations", Visitor.Operator },
        { "organization-acme", "/console/organizations/acme", Visitor.Operator },
        { "members", "/console/members", Visitor.Operator },
        { "member-new", "/console/members/new", Visitor.Operator },
        { "catalog", "/console/catalog", Visitor.Operator },
        { "audit", "/console/audit", Visitor.Operator },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_page_fits_and_can_be_used_by_everybody(string name, string path, Visitor visitor)
    {
        if (server.KeyOf(visitor) is { } key)
            await Tab.SignInAsync(key);

        var faults = new List<string>();
        foreach (var (setting, width, height, colours) in Settings)
        {
            await Page.SetViewportSizeAsync(width, height);
            await Page.EmulateMediaAsync(new() { ColorScheme = colours });
            await Tab.GotoAsync(server.Fill(path));
            if (Folder is not null)
                await Page.ScreenshotAsync(new() { Path = Path.Combine(Folder, $"{name}-{setting}.png"), FullPage = true });

            faults.AddRange((await Page.FaultsAsync()).Select(fault => $"{setting}: {fault}"));
            if (await Page.EvaluateAsync<int>("document.scrollingElement.scrollWidth") is var needed && needed > width)
                faults.Add($"{setting}: scrolls sideways, {needed} of {width}");
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    public enum Visitor
    {
        Nobody,
        Operator,

        /// <summary>Of the organization acme.</summary>
        Administrator,
    }

    public sealed class SampleServer : ConsoleServer
    {
        private SampleData _data = null!;

        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            _data = await SampleData.CreateAsync(this);
        }

        internal string? KeyOf(Visitor visitor) => visitor switch
        {
            Visitor.Operator => OperatorKey.Value,
            Visitor.Administrator => _data.Administrator.Value,
            _ => null,
        };

        internal string Fill(string path) => path
            .Replace("{key}", _data.Key.KeyId, StringComparison.Ordinal)
            .Replace("{revoked}", _data.Revoked.KeyId, StringComparison.Ordinal);
    }
}
