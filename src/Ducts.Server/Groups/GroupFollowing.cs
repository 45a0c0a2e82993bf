using System.Runtime.CompilerServices;
using Ducts.Dispatch;
using Ducts.MessagePack;
using Ducts.Topics;

namespace Ducts.Groups;

/// <summary>Who is in a group, and who comes and goes: each enumeration begins with a snapshot.</summary>
/// <remarks>Threading: any thread.</remarks>
internal sealed class GroupFollowing(GroupRegistry registry, string name, CancellationToken token) : IAsyncEnumerable<GroupChange>, ISelfSendingStream<GroupChange>
{
    public async IAsyncEnumerator<GroupChange> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        await foreach (var item in ReadAsync(null, cancellationToken))
        {
            yield return item.Value;
        }
    }

    /// <summary>Streams to a client: each change is packed once for all, and most are taken as they come.</summary>
    public Task SendAsync(Request request, PackConverter<GroupChange> converter) => StreamPump.PumpAsync(
        request,
        ReadAsync(TopicStream<GroupChange>.For(request, converter)),
        new TopicItemConverter<GroupChange>(converter));

    private async IAsyncEnumerable<TopicItem<GroupChange>> ReadAsync(
        TopicStream<GroupChange>? sink,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(token, cancellationToken);
        var group = registry.Follow(name);
        try
        {
            var isLost = true;
            while (isLost)
            {
                isLost = false;
                var (members, changes) = group.Read(sink, cancelled.Token);
                await using (changes)
                {
                    for (var i = 0; i == 0 || i < members.Count; i += registry.PageSize)
                    {
                        ThrowIfCancelled();
                        yield return new TopicItem<GroupChange>(Page(members, i));
                    }

                    while (true)
                    {
                        try
                        {
                            if (!await changes.MoveNextAsync())
                            {
                                break;
                            }
                        }
                        catch (TopicLimitException)
                        {
                            isLost = true;
                            break;
                        }
                        catch (OperationCanceledException)
                        {
                            // Which of the tokens it was is asked at the end.
                            break;
                        }

                        yield return changes.Current;
                    }
                }
            }
        }
        finally
        {
            group.RemoveFollower();
        }

        // None is where the server has stopped.
        ThrowIfCancelled();

        void ThrowIfCancelled()
        {
            token.ThrowIfCancellationRequested();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private GroupChange Page(MemberList.Snapshot members, int first)
    {
        var page = new GroupMember[Math.Min(registry.PageSize, members.Count - first)];
        for (var i = 0; i < page.Length; i++)
        {
            page[i] = members[first + i].Describe();
        }

        return new GroupChange(GroupChangeKind.Snapshot, page) { IsFirst = first == 0, IsLast = first + page.Length == members.Count };
    }
}
