namespace Ducts.Connections;

/// <summary>
/// The divided replies of a session that are under way, by the memory that they keep beside the outbox until their last piece
/// has left.
/// </summary>
/// <remarks>Threading: guarded by the outbox' lock, but for <see cref="Counted"/>.</remarks>
internal struct HeldReplies
{
    private List<int>? _sizes;
    private long _sum;
    private int _largest;
    private long _counted;

    /// <summary>
    /// Gets the bytes that count for the outbox' limit: of all but the largest, for a reply that is larger than the limit holds up
    /// no other request.
    /// </summary>
    public readonly long Counted => Volatile.Read(in _counted);

    public void Add(int size)
    {
        (_sizes ??= []).Add(size);
        _sum += size;
        _largest = Math.Max(_largest, size);
        Volatile.Write(ref _counted, _sum - _largest);
    }

    public void Remove(int size)
    {
        _sizes!.Remove(size);
        _sum -= size;
        _largest = size < _largest ? _largest : _sizes.Count == 0 ? 0 : _sizes.Max();
        Volatile.Write(ref _counted, _sum - _largest);
    }
}
