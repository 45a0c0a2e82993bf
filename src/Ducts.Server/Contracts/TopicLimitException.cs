using System.Globalization;

namespace Ducts;

/// <summary>The exception that ends a subscription whose reader is further behind than its topic's limit.</summary>
public sealed class TopicLimitException : Exception
{
    /// <summary>Creates an exception for a limit.</summary>
    /// <param name="limit">The number of items that a subscriber may be behind.</param>
    public TopicLimitException(int limit)
        : base(string.Create(CultureInfo.InvariantCulture, $"The subscriber fell more than {limit} items behind."))
    {
    }
}
