using System.Globalization;

namespace Ducts;

/// <summary>The exception that is thrown when a session is to join more groups than it may be in.</summary>
public sealed class GroupLimitException : Exception
{
    /// <summary>Creates an exception for a limit.</summary>
    /// <param name="limit">The number of groups that a session may be in.</param>
    public GroupLimitException(int limit)
        : base(string.Create(CultureInfo.InvariantCulture, $"This session is in {limit} groups, which is the most that it may be in; leave one first (option max_groups)."))
    {
    }
}
