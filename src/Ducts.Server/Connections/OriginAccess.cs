namespace Ducts.Connections;

/// <summary>What the page that makes a request may do here.</summary>
internal enum OriginAccess
{
    /// <summary>Nothing.</summary>
    Refused,

    /// <summary>
    /// What anybody may: the list admits every page by <c>*</c>, which says nothing of the user in whose browser it runs.
    /// </summary>
    WithoutUser,

    /// <summary>Everything that its user may: a page of the server's own or of a listed origin, or no page at all.</summary>
    Full,
}
