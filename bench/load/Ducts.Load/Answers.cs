namespace Ducts.Load;

/// <summary>Tells echoes from refusals by their lengths.</summary>
/// <remarks>Threading: any thread adds.</remarks>
internal sealed class Answers
{
    // [1,1000,"16 bytes"], and [1,-1000,"RuntimeError('too many requests, retry after 0.2 s')"] with up to five digits more.
    private const int EchoLength = 22;
    private const int LeastRefusal = 59;
    private const int MostRefusal = 64;

    private long _echoes;
    private long _refusals;
    private long _others;

    public long Echoes => Volatile.Read(ref _echoes);

    public long Refusals => Volatile.Read(ref _refusals);

    /// <summary>Messages that are neither: other errors.</summary>
    public long Others => Volatile.Read(ref _others);

    public long All => Echoes + Refusals + Others;

    public void Add(long length)
    {
        switch (length)
        {
            case EchoLength:
                Interlocked.Increment(ref _echoes);
                break;
            case >= LeastRefusal and <= MostRefusal:
                Interlocked.Increment(ref _refusals);
                break;
            default:
                Interlocked.Increment(ref _others);
                break;
        }
    }
}
