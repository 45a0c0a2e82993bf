namespace Ducts.Sessions;

/// <summary>
/// Counts the messages that a session has received, over its connections: one word holds whose turn it is and how many have
/// come, so that nothing of a connection counts that has been let go of.
/// </summary>
/// <remarks>Threading: receive loops count; whoever gives the session another connection begins the next turn.</remarks>
internal sealed class MessageCount
{
    private const int CountBits = 44;
    private const long CountMask = (1L << CountBits) - 1;

    // Above the count: the turn, which goes round after a million of them.
    private long _word;

    /// <summary>Gets the number of the last message.</summary>
    public long Received => Volatile.Read(ref _word) & CountMask;

    /// <summary>Gets whose turn it is.</summary>
    public long Turn => Volatile.Read(ref _word) >>> CountBits;

    /// <summary>Counts a message of a connection.</summary>
    /// <returns>Its number; 0 when it is another connection's turn: then the message is as if it had not come.</returns>
    public long TryCount(long turn)
    {
        while (true)
        {
            var word = Volatile.Read(ref _word);
            if (word >>> CountBits != turn)
            {
                return 0;
            }

            if (Interlocked.CompareExchange(ref _word, word + 1, word) == word)
            {
                return (word + 1) & CountMask;
            }
        }
    }

    /// <summary>Begins the turn of the next connection.</summary>
    /// <returns>The turn, and the number of the last message of those before.</returns>
    public (long Turn, long Received) BeginTurn()
    {
        while (true)
        {
            var word = Volatile.Read(ref _word);
            // Beyond its highest bit, the turn begins from 0 again.
            var next = unchecked(word + CountMask + 1);
            if (Interlocked.CompareExchange(ref _word, next, word) == word)
            {
                return (next >>> CountBits, next & CountMask);
            }
        }
    }
}
