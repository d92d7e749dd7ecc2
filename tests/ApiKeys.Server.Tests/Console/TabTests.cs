using ApiKeys.Server.Tests.Fixtures;

namespace ApiKeys.Server.Tests.Console;

/// <summary>What the tests in browsers rest on: that what goes wrong in a page is noticed.</summary>
public sealed class TabTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    [Theory]
    [InlineData("document.body.setAttribute('style', 'color: red')", "Content Security Policy")]
    [InlineData("document.body.append(Object.assign(document.createElement('script'), { text: '1' }))", "TrustedScript")]
    [InlineData("document.body.innerHTML = '<b>Hello</b>'", "TrustedHTML")]
    [InlineData("setTimeout(() => { throw new Error('Nobody caught me') })", "Nobody caught me")]
    [InlineData("console.error('Something is wrong')", "Something is wrong")]
    [InlineData("await fetch('http://elsewhere.example/')", "http://elsewhere.example/")]
    [InlineData("await fetch('/console/assets/0/nothing')", "404 was answered to GET")]
    public async Task What_goes_wrong_in_a_page_is_noticed(string script, string fault)
    {
        var tab = await Tab.OpenAsync(server.Address);
        await tab.GotoAsync("/console/sign-in");
        await tab.Page.EvaluateAsync($"async () => {{ try {{ {script} }} catch {{ }} await new Promise(done => setTimeout(done)); }}");

        Assert.Contains(await tab.CloseAsync(), told => told.Contains(fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("document.querySelector('label').remove()", "A control without a name: <input id=\"api_key\">")]
    [InlineData("document.querySelector('h1').outerHTML = '<h3>Sign in</h3>'", "Not exactly one h1")]
    [InlineData("document.querySelector('#api_key-hint').id = 'other'", "aria-describedby names api_key-hint, which is not there")]
    [InlineData("document.querySelector('#main').id = 'api_key'", "The id api_key is there twice")]
    [InlineData("sheet('label { color: #999 }')", "Contrast ")]
    [InlineData("sheet('button { height: 12px; min-height: 0; padding: 0 } summary { margin-top: -20px }')", "A target of ")]
    [InlineData("document.title = ''", "The page has no title")]
    [InlineData("document.documentElement.lang = ''", "The page does not say its language")]
    [InlineData("document.querySelector('main').innerHTML += '<svg></svg><table><tr><td>1</td></tr></table>'", "A table without heads")]
    public async Task What_somebody_could_not_use_is_noticed(string script, string fault)
    {
        var tab = await Tab.OpenAsync(server.Address, new() { BypassCSP = true });
        await tab.GotoAsync("/console/sign-in");
        Assert.Empty(await tab.Page.FaultsAsync());

        await tab.Page.EvaluateAsync($$"""
            () => {
              const sheet = text => { const one = new CSSStyleSheet(); one.replaceSync(text); document.adoptedStyleSheets.push(one); };
              {{script}};
            }
            """);

        Assert.Contains(await tab.Page.FaultsAsync(), told => told.StartsWith(fault, StringComparison.Ordinal));
        await tab.CloseAsync();
    }
}
