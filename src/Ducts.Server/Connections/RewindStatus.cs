namespace Ducts.Connections;

/// <summary>Whether what a client has received fits what it was sent.</summary>
internal enum RewindStatus
{
    /// <summary>The messages behind it are sent again.</summary>
    Fits,

    /// <summary>It has received more than it was sent.</summary>
    Ahead,

    /// <summary>Messages behind it are not kept any more.</summary>
    Gap,

    /// <summary>Nothing is sent any more.</summary>
    Closed,
}
