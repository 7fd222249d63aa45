using System.Diagnostics;
using UsageTracking.Queue.Spools;
using UsageTracking.Stores;

namespace UsageTracking.Queue;

/// <summary>Carries the records of one log to the store, chunk by chunk and in order, and knows how far the store has come with it.</summary>
internal sealed class LogSender(IRecordLog log)
{
    // A chunk is to take about as long at most: over a slow line, a large one would be lost with every break.
    private static readonly TimeSpan LongestSend = TimeSpan.FromSeconds(0.5);
    private const int SmallestChunk = 1_000;
    private const int FirstChunk = 10_000;

    // The chunk whose fate is unknown because its reply was lost. It is sent again exactly as it was, so that the store can
    // tell by its position whether it has it.
    private UsageChunk? _unsettled;
    private Guid? _knownTo;
    private long _storePosition;
    private long _reportedDamage;
    private long _sentTo;
    private int _chunkSize = FirstChunk;

    public IRecordLog Log => log;

    public long Waiting => log.Waiting();

    /// <summary>Why nothing of this log can be sent, while others can; null where it can.</summary>
    public UsageException? Obstacle { get; private set; }

    public event Action<ChunkOutcome>? Settled;

    public event Action<string>? Lost;

    public void TryAgain() => Obstacle = null;

    /// <summary>After a store was restored, or is another one: its position is read again before anything is sent.</summary>
    public void Forget() => _knownTo = null;

    /// <summary>Throws away what waits.</summary>
    /// <returns>How many records that were.</returns>
    public long Discard()
    {
        _unsettled = null;
        _reportedDamage = _sentTo = 0;
        Obstacle = null;
        return log.Reset(discard: true);
    }

    /// <summary>Sends the next records, if any wait: a chunk, or where many wait, several at once.</summary>
    public void SendNext(IUsageStore store, QueueSettings settings, CancellationToken cancel)
    {
        try
        {
            if (_knownTo != log.SpoolId)
                Ask(store, cancel);

            IReadOnlyList<UsageChunk> chunks = _unsettled is { } unsettled ? [unsettled] : NextChunks(store, settings);
            if (chunks.Count == 1)
                Send(store, chunks[0] with { WhenSent = () => Prepare(settings) }, cancel);
            else if (chunks.Count > 1)
                SendTogether(store, chunks, cancel);
        }
        catch (UsageException error) when (error.ErrorId == "StoreMismatch")
        {
            Obstacle = error;
            throw;
        }
        catch (UsageException error) when (error.ErrorId == "SpoolPositionMismatch")
        {
            // Somebody else sent from a copy of this spool, or the store was restored: its position says what is still to do.
            _unsettled = null;
            _knownTo = null;
            throw new UsageException(UsageErrorKind.StoreUnavailable, error.ErrorId, error.Message, error.Target, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Obstacle = new UsageException(UsageErrorKind.StoreNotReady, "SpoolUnreadable", $"The spool {log.SpoolId} cannot be read: {error.Message}", log.SpoolId, error);
            throw Obstacle;
        }
    }

    private void Ask(IUsageStore store, CancellationToken cancel)
    {
        SpoolPosition there = store.GetSpoolPositionAsync(log.SpoolId, cancel).GetAwaiter().GetResult();
        if (log.StoreId is { } bound && bound != there.StoreId)
            throw StoreErrors.OtherStore(store.Address, bound, there.StoreId);

        if (log.StoreId is null)
            log.Bind(there.StoreId);

        // Only at the end of a dead process's spool can a power cut have taken what was stored already. Where this process's own
        // is ahead, it was cloned with its machine, or the machine was set back to an earlier state.
        bool isOwn = log is not SpoolLog { IsAdopted: true };
        if (isOwn && there.Position > log.Appended)
        {
            Guid old = log.SpoolId;
            log.Rename();
            _unsettled = null;
            Lost?.Invoke(FormattableString.Invariant(
                $"Another process sends to {store.Address} as spool {old}, perhaps on a copy of this machine. {Wording.Count(Waiting, "record")} of this session, and all that follow, go under a name of their own: {log.SpoolId}."));
            there = there with { Position = 0 };
        }
        else if (there.Position < log.Stored)
        {
            long stored = log.Stored;
            log.Rewind(there.Position);
            if (log.Stored > there.Position)
            {
                Lost?.Invoke(FormattableString.Invariant(
                    $"The store {store.Address} went back to an older state: it no longer has records {there.Position + 1} to {log.Stored} of spool {log.SpoolId}, which it had stored, and the queue no longer has them either."));
            }
        }
        else if (_unsettled is null && there.Position > log.Stored)
        {
            if (isOwn && there.Position > _sentTo)
            {
                Lost?.Invoke(FormattableString.Invariant(
                    $"Another process has stored records {log.Stored + 1} to {there.Position} of spool {log.SpoolId}, from a copy of its files or of this machine. They are taken for the same records as here."));
            }

            log.MarkStored(there.Position);
        }

        _storePosition = there.Position;
        _knownTo = log.SpoolId;
    }

    private IReadOnlyList<UsageChunk> NextChunks(IUsageStore store, QueueSettings settings)
    {
        long waiting = Waiting;
        if (waiting == 0)
            return [];

        int most = LargestChunk(settings);
        int count = (int)Math.Clamp(waiting / most, 1, Math.Min(settings.ChunksAtOnce, store.ChunksAtOnce));
        LogSlice slice = log.Peek(count * most);
        foreach (RowRange range in slice.Damaged.Where(r => r.First > _reportedDamage))
            ReportDamage(range);

        if (slice.Records.Count == 0)
        {
            log.MarkStored(slice.From);
            return [];
        }

        // A slice may hold fewer than asked for, or some more.
        int size = count == 1 ? slice.Records.Count : most;
        var chunks = new List<UsageChunk>();
        for (int i = 0; i < slice.Records.Count; i += size)
        {
            chunks.Add(new UsageChunk(log.SpoolId, slice.From + i, slice.Part(i, Math.Min(size, slice.Records.Count - i)), settings.AutoCreateCustomer)
            {
                Traits = slice.Traits,
                StoreId = log.StoreId,
                StorePosition = i == 0 ? _storePosition : slice.From + i,
            });
        }

        return chunks;
    }

    /// <summary>Tells of records that cannot be read.</summary>
    public void ReportDamage(RowRange range)
    {
        string records;
        if (range.Last is { } last)
        {
            _reportedDamage = range.First;
            records = last == range.First ? $"Record {last}" : $"Records {range.First} to {last}";
        }
        else
        {
            // Found before those that come before it.
            records = $"Records from {range.First} on";
        }

        string file = range.File is null
            ? "the file they were in is gone."
            : $"the file {Path.GetFileName(range.File)} is damaged. It is kept in the folder 'damaged' beside the spool.";
        Lost?.Invoke(FormattableString.Invariant($"{records} of spool {log.SpoolId} cannot be read: {file} The rest is stored."));
    }

    // While the store is at work: between two chunks it would wait for this.
    private void Prepare(QueueSettings settings)
    {
        log.Tidy();
        log.ReadAhead(LargestChunk(settings));
    }

    /// <summary>Stores chunks that follow each other, each on a connection of its own. They become part of the store in their order.</summary>
    private void SendTogether(IUsageStore store, IReadOnlyList<UsageChunk> chunks, CancellationToken cancel)
    {
        long[] ids = store.ReserveIdsAsync((int)(chunks[^1].To - chunks[0].From), cancel).GetAwaiter().GetResult();
        var sent = new List<Task<ChunkOutcome>>();
        long start = Stopwatch.GetTimestamp();
        foreach (UsageChunk chunk in chunks)
        {
            UsageChunk follower = chunk with { After = sent.LastOrDefault(), Ids = ids.AsMemory((int)(chunk.From - chunks[0].From), chunk.Records.Count) };
            // Threads of their own: COPY works synchronously.
            sent.Add(Task.Factory.StartNew(
                () => store.WriteAsync(follower, cancel).GetAwaiter().GetResult(), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }

        _sentTo = Math.Max(_sentTo, chunks[^1].To);
        log.Tidy();
        // What went wrong is met below, in order.
        ((Task)Task.WhenAll(sent)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        NotePace(chunks[0].Records.Count, Stopwatch.GetElapsedTime(start));
        for (int i = 0; i < chunks.Count; i++)
        {
            Settle(store, chunks[i], sent[i], cancel);
            // None that follows one that failed was stored; they come again.
            if (!sent[i].IsCompletedSuccessfully)
                return;
        }
    }

    private void Send(IUsageStore store, UsageChunk chunk, CancellationToken cancel)
    {
        _sentTo = Math.Max(_sentTo, chunk.To);
        long start = Stopwatch.GetTimestamp();
        Settle(store, chunk, store.WriteAsync(chunk, cancel), cancel);
        NotePace(chunk.Records.Count, Stopwatch.GetElapsedTime(start));
    }

    private int LargestChunk(QueueSettings settings) => Math.Min(_chunkSize, settings.ChunkSize);

    private void NotePace(int records, TimeSpan time)
    {
        // How long a few take says nothing about many.
        if (records < SmallestChunk)
            return;

        int fits = (int)Math.Clamp(records * (LongestSend / time), SmallestChunk, int.MaxValue);
        _chunkSize = time > LongestSend ? fits : Math.Max(_chunkSize, fits);
    }

    /// <summary>Takes note of what became of a chunk; one that holds a value the store refuses is halved until the bad record stands alone and is set aside.</summary>
    private void Settle(IUsageStore store, UsageChunk chunk, Task<ChunkOutcome> sent, CancellationToken cancel)
    {
        try
        {
            ChunkOutcome outcome = sent.GetAwaiter().GetResult();
            _unsettled = null;
            _storePosition = chunk.To;
            // Counted first: a flush that finds nothing left to do counts it too.
            Settled?.Invoke(outcome);
            log.MarkStored(chunk.To);
        }
        catch (Exception error) when (MayHaveBeenStored(error))
        {
            _unsettled = chunk;
            throw;
        }
        catch (UsageException error) when (error.ErrorId == "BadRecord" && chunk.Refusal is null)
        {
            _unsettled = null;
            if (chunk.Records.Count == 1)
            {
                Send(store, chunk with { Refusal = error }, cancel);
                return;
            }

            int half = chunk.Records.Count / 2;
            Send(store, chunk with { Records = [.. chunk.Records.Take(half)] }, cancel);
            Send(store, chunk with { From = chunk.From + half, Records = [.. chunk.Records.Skip(half)], StorePosition = chunk.From + half }, cancel);
        }
    }

    // Only an error that the store itself gave says for sure that it kept nothing.
    private static bool MayHaveBeenStored(Exception error) =>
        error is not UsageException known || known.Kind == UsageErrorKind.StoreUnavailable;
}
