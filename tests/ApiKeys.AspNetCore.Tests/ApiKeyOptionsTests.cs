using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ApiKeys.AspNetCore.Tests;

/// <summary>What is not set as it should be is told at the start, and not to the first request.</summary>
public sealed class ApiKeyOptionsTests
{
    [Theory]
    [InlineData("Authorization")]
    [InlineData("authorization")]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("X API Key")]
    [InlineData("X-API-Key:")]
    [InlineData("X-Ключ")]
    public async Task A_header_that_cannot_carry_a_key_ends_the_start(string name)
    {
        var refused = await StartAsync(options => options.HeaderName = name);

        Assert.Contains("ApiKeyOptions.HeaderName", Assert.Single(refused.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_error_is_told()
    {
        var refused = await StartAsync(options =>
        {
            options.HeaderName = "Authorization";
            options.Realm = "a \"realm\"";
            options.RetryAfterSeconds = 0;
        });

        Assert.Equal(
            [
                "ApiKeyOptions.HeaderName must be another header than Authorization: a key is read from 'Authorization: Bearer' in any case.",
                "ApiKeyOptions.Realm must be some text in ASCII, without quotes and backslashes.",
                "ApiKeyOptions.RetryAfterSeconds is 0 and must be positive.",
            ],
            refused.Failures);
    }

    [Theory]
    [InlineData("Ocp-Apim-Subscription-Key")]
    [InlineData("x_key.1")]
    public async Task Any_other_header_will_do(string name)
    {
        await using var api = await SmallApi.StartAsync(services => services.AddAuthentication().AddApiKeys(options => options.HeaderName = name), _ => { });
    }

    private static Task<OptionsValidationException> StartAsync(Action<ApiKeyOptions> configure) =>
        Assert.ThrowsAsync<OptionsValidationException>(
            () => SmallApi.StartAsync(services => services.AddAuthentication().AddApiKeys(configure), _ => { }));
}
