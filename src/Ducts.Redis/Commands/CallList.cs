namespace Ducts.Redis.Commands;

/// <summary>A list of calls, oldest first; a call is in one list at a time.</summary>
// Threading: the queue's gate.
internal sealed class CallList
{
    private RedisCall? _last;

    public RedisCall? First { get; private set; }

    public int Count { get; private set; }

    public void Add(RedisCall call)
    {
        call.List = this;
        call.Previous = _last;
        if (_last is null)
        {
            First = call;
        }
        else
        {
            _last.Next = call;
        }

        _last = call;
        Count++;
    }

    public void Remove(RedisCall call)
    {
        if (call.Previous is null)
        {
            First = call.Next;
        }
        else
        {
            call.Previous.Next = call.Next;
        }

        if (call.Next is null)
        {
            _last = call.Previous;
        }
        else
        {
            call.Next.Previous = call.Previous;
        }

        call.List = null;
        call.Next = call.Previous = null;
        Count--;
    }
}
