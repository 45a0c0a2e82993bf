using Ducts;
using GuestBook.Data;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace GuestBook.Handlers;

/// <summary>Reads the book: as a stream, whose database context lives until its last item, or a page of it over HTTP.</summary>
[Event(1001, "ENTRIES")]
public sealed class Entries : DuctsHandler
{
    public IAsyncEnumerable<Entry> Handle([FromServices] GuestBookContext db) =>
        db.Entries.AsNoTracking().OrderBy(entry => entry.Id).AsAsyncEnumerable();

    // GET /ducts/api/v1/entries/latest?count=3
    [WebApi("GET", "/latest")]
    public async Task<IReadOnlyList<Entry>> LatestAsync([FromServices] GuestBookContext db, CancellationToken cancellationToken, int count = 10) =>
        await db.Entries.AsNoTracking().OrderByDescending(entry => entry.Id).Take(Math.Clamp(count, 1, 100)).ToListAsync(cancellationToken);
}
