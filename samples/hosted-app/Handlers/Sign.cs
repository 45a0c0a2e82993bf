using Ducts;
using GuestBook.Data;
using Microsoft.AspNetCore.Mvc;

namespace GuestBook.Handlers;

/// <summary>
/// Adds an entry and pushes it to everybody who looks at the book. There is one handler for all requests, so what is scoped
/// comes to the method, and only what is a singleton to the constructor.
/// </summary>
[Event(1000, "SIGN")]
public sealed class Sign(ISessionCollection sessions, TimeProvider time) : DuctsHandler
{
    public async Task<Entry> HandleAsync(string name, string text, [FromServices] GuestBookContext db, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(name) || string.IsNullOrWhiteSpace(text))
        {
            throw EventException.InvalidValue("Write your name and a few words.");
        }

        var entry = new Entry { Name = name, Text = text, SignedAt = time.GetUtcNow() };
        db.Entries.Add(entry);
        await db.SaveChangesAsync(cancellationToken);
        await sessions.PushAsync("SIGN", entry, cancellationToken);
        return entry;
    }
}
