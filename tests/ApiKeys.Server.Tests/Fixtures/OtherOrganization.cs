using ApiKeys.Server.Database;
using ApiKeys.Server.Model;
using Microsoft.Extensions.DependencyInjection;

namespace ApiKeys.Server.Tests.Fixtures;

/// <summary>A second tenant.</summary>
internal sealed class OtherOrganization(TestServer server)
{
    /// <returns>The key of its administrator.</returns>
    public async Task<IssuedKey> CreateAsync()
    {
        await using var scope = server.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ApiKeysDbContext>();
        var now = server.Clock.GetUtcNow();
        var organization = new Organization { Id = Guid.CreateVersion7(now), Slug = "other", Name = "Other", Plan = "pro", CreatedAt = now };
        var member = new Member
        {
            Id = Guid.CreateVersion7(now),
            OrganizationId = organization.Id,
            Email = "boss@other.example",
            Role = MemberRole.Admin,
            CreatedAt = now,
        };
        var key = ApiKey.Create(
            new KeyFacts
            {
                Organization = organization,
                Owner = member,
                Name = "Administrator",
                Roles = ["admin"],
                ExpiresInDays = 30,
                CreatedBy = member.Email,
            },
            "sk", now, out var value);
        db.AddRange(organization, member, key);
        await db.SaveChangesAsync();
        return new IssuedKey(key.KeyId, value.Reveal(), null);
    }
}
