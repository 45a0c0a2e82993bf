namespace Ducts.Redis;

/// <summary>What became of reading a reply.</summary>
internal enum RespStatus
{
    /// <summary>A whole reply was read.</summary>
    Complete,

    /// <summary>The bytes end within a reply; what was read is kept, go on with the next bytes.</summary>
    Incomplete,

    /// <summary>The bytes are no RESP, or beyond the limits. The connection cannot be read any further.</summary>
    Invalid,
}
