namespace ApiKeys.Server.Model;

/// <summary>What a key is at one instant. Where several hold, the first in this order is told.</summary>
internal enum KeyStatus
{
    /// <summary>Ended for ever by an administrator.</summary>
    Revoked,

    /// <summary>Past its <c>expires_at</c>; a rotation with a new expiry brings it back.</summary>
    Expired,

    /// <summary>Switched off until it is enabled again.</summary>
    Disabled,

    /// <summary>Accepted.</summary>
    Active,
}
