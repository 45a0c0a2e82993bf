namespace Ducts.Redis;

/// <summary>An aggregate that is being read.</summary>
internal struct RespFrame
{
    public const int Streamed = -1;

    // An attribute describes the reply that follows; nobody here reads them.
    public readonly bool IsAttribute;
    private readonly RedisValueKind _kind;
    private RedisValue[] _items;
    private int _count;
    private readonly int _expected;

    public RespFrame(RedisValueKind kind, int expected, bool isAttribute)
    {
        _kind = kind;
        _expected = expected;
        IsAttribute = isAttribute;

        // A count is a promise; memory follows what has really arrived.
        _items = expected == 0 ? [] : new RedisValue[expected == Streamed ? 4 : Math.Min(expected, 64)];
    }

    public readonly bool IsFull => _count == _expected;

    public readonly bool IsStreamed => _expected == Streamed;

    /// <summary>A streamed map must end after a value.</summary>
    public readonly bool CanEnd => IsStreamed && (_kind != RedisValueKind.Map || _count % 2 == 0);

    public void Add(in RedisValue value)
    {
        if (_count == _items.Length)
        {
            var size = (int)Math.Min((long)_items.Length * 2, Array.MaxLength);
            Array.Resize(ref _items, _expected == Streamed ? size : Math.Min(size, _expected));
        }

        _items[_count++] = value;
    }

    public RedisValue Build()
    {
        if (_items.Length != _count)
        {
            Array.Resize(ref _items, _count);
        }

        return RedisValue.OfItems(_kind, _items);
    }
}
