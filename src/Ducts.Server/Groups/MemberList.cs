using Ducts.Sessions;

namespace Ducts.Groups;

/// <summary>
/// The members of a group, in pages. A snapshot costs the same however many there are: it shares the pages, and what changes
/// afterwards copies its page first.
/// </summary>
/// <remarks>Threading: guarded by the group. Snapshots are read by any thread.</remarks>
internal sealed class MemberList
{
    /// <summary>Few enough that copying a page is cheap, many enough that there are few pages.</summary>
    public const int PageSize = 512;

    private const int FirstSize = 4;

    private Page[] _pages = [];

    // What has an older version than this is shared with a snapshot.
    private long _version;
    private long _pagesVersion;

    public int Count { get; private set; }

    public void Add(Membership member)
    {
        var (page, place) = Math.DivRem(Count, PageSize);
        OwnPages(page + 1);
        var length = _pages[page].Members?.Length ?? 0;
        Own(page, place < length ? length : Math.Clamp(length * 2, FirstSize, PageSize))[place] = member;
        member.Index = Count++;
    }

    /// <summary>Removes a member, whose place the last one takes.</summary>
    public void Remove(Membership member)
    {
        OwnPages(_pages.Length);
        var (page, place) = Math.DivRem(--Count, PageSize);
        var last = Own(page)[place]!;
        Own(page)[place] = null;
        if (last != member)
        {
            var (itsPage, itsPlace) = Math.DivRem(member.Index, PageSize);
            Own(itsPage)[itsPlace] = last;
            last.Index = member.Index;
        }

        if (place == 0)
        {
            _pages[page] = default;
        }
    }

    public Snapshot Take()
    {
        _version++;
        return new Snapshot(_pages, Count);
    }

    private void OwnPages(int count)
    {
        if (count <= _pages.Length && _pagesVersion == _version)
        {
            return;
        }

        var pages = new Page[count <= _pages.Length ? _pages.Length : Math.Max(count, _pages.Length * 2)];
        _pages.CopyTo(pages, 0);
        _pages = pages;
        _pagesVersion = _version;
    }

    private Membership?[] Own(int page) => Own(page, _pages[page].Members!.Length);

    private Membership?[] Own(int page, int length)
    {
        var (members, version) = _pages[page];
        if (members?.Length == length && version == _version)
        {
            return members;
        }

        var own = new Membership?[length];
        members?.CopyTo(own, 0);
        _pages[page] = new Page(own, _version);
        return own;
    }

    internal readonly record struct Page(Membership?[]? Members, long Version);

    /// <summary>The members of one moment.</summary>
    internal readonly struct Snapshot
    {
        private readonly Page[] _pages;

        public Snapshot(Page[] pages, int count)
        {
            _pages = pages;
            Count = count;
        }

        public int Count { get; }

        public IEnumerable<Session> Sessions()
        {
            for (var i = 0; i < Count; i++)
            {
                yield return this[i].Session;
            }
        }

        public Membership this[int index] => _pages[index / PageSize].Members![index % PageSize]!;
    }
}
