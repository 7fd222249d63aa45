using UsageTracking.Metering;

namespace UsageTracking.Stores;

/// <summary>The errors that every engine reports in the same words.</summary>
internal static class StoreErrors
{
    public static UsageException NotInitialized(StoreAddress address, Exception? cause = null) => new(
        UsageErrorKind.StoreNotReady, "StoreNotInitialized",
        $"The store {address} has no UsageTracking tables yet. Create them with Initialize-UsageStore.", address, cause);

    public static UsageException OutOfDate(StoreAddress address, int version) => new(
        UsageErrorKind.StoreNotReady, "StoreOutOfDate",
        $"The store {address} has schema version {version}, which is older than this version of UsageTracking needs. Bring it up to date with Initialize-UsageStore.", address);

    public static UsageException ForeignSchema(StoreAddress address, IReadOnlyCollection<string> missing) => new(
        UsageErrorKind.StoreNotReady, "ForeignSchema",
        $"The database {address} already has a table billing_usage_records, which is neither UsageTracking's nor nself's: {string.Join(", ", missing)} {(missing.Count == 1 ? "is" : "are")} missing. Initialize an empty database or schema, or one that nself's migration 015 made.", address);

    public static UsageException LayoutNotSupported(StoreAddress address, StoreLayout layout) => new(
        UsageErrorKind.InvalidInput, "LayoutNotSupported",
        $"The store {address} is a SQLite file, which cannot be {layout.ToString().ToLowerInvariant().Replace(", ", " or ", StringComparison.Ordinal)}. Connect a PostgreSQL store with Connect-UsageStore first.", layout);

    public static UsageException CannotPartition(StoreAddress address, IReadOnlyCollection<string> obstacles) => new(
        UsageErrorKind.StoreNotReady, "CannotPartition",
        $"The table billing_usage_records of the store {address} cannot be partitioned: {string.Join("; ", obstacles)}. It goes on as it is; mend that and call again, or leave it unpartitioned.", address);

    public static UsageException PartitionsDiffer(StoreAddress address, long groups) => new(
        UsageErrorKind.Conflict, "PartitionsDiffer",
        $"The partitions differ from billing_usage_records of the store {address} in {Wording.Count(groups, "group")} of a customer, a service and a month: somebody wrote with triggers switched off. The copy was thrown away and the table left as it is. Call again.", address);

    public static UsageException ServerTooOld(StoreAddress address, Version version, int oldest) => new(
        UsageErrorKind.StoreNotReady, "ServerTooOld", $"The store {address} runs on PostgreSQL {version}; {oldest} or later is needed.", address);

    public static UsageException CitusMissing(StoreAddress address) => new(
        UsageErrorKind.StoreNotReady, "CitusMissing",
        $"The database {address} does not have the extension Citus, which spreads tables over several servers. On every one of them, put citus into shared_preload_libraries, restart, and run CREATE EXTENSION citus in this database as a superuser; then add the workers with citus_add_node.", address);

    public static UsageException NotPartitioned(StoreAddress address) => new(
        UsageErrorKind.StoreNotReady, "LayoutNotSupported",
        $"The table billing_usage_records of {address}, which was there before this module, is not partitioned, and its key leaves out the customer it would be distributed by. Only a partitioned one can be distributed: run Initialize-UsageStore -Partition first.", address);

    public static UsageException TransactionsInDoubt(StoreAddress address, int transactions) => new(
        UsageErrorKind.StoreUnavailable, "TransactionsInDoubt",
        $"{Wording.Count(transactions, "transaction")} of the store {address} {(transactions == 1 ? "is" : "are")} in doubt: prepared on a node that was then cut off, and not yet committed there. What they wrote would be missed. Try again when Citus has settled them, which it does within a minute of all nodes being back; a superuser can hasten it with SELECT recover_prepared_transactions().", address);

    public static UsageException Unavailable(StoreAddress address, Exception cause) => new(
        UsageErrorKind.StoreUnavailable, "StoreUnavailable", $"The store {address} cannot be reached or is busy: {Reason(cause)}", address, cause);

    public static UsageException Refused(StoreAddress address, Exception cause) => new(
        UsageErrorKind.StoreNotReady, "StoreRefused", $"The store {address} refused: {Reason(cause)}", address, cause);

    public static UsageException BadRecord(StoreAddress address, Exception cause) => new(
        UsageErrorKind.Conflict, "BadRecord", $"The store {address} cannot keep a value: {Reason(cause)}", address, cause);

    public static UsageException RecordsHidden(StoreAddress address) => new(
        UsageErrorKind.StoreNotReady, "RecordsHidden",
        $"Policies of billing_usage_records hide some records of the store {address} from this role, and what it does not see would look lost. Connect as a role that sees all of them, such as the table's owner.", address);

    public static UsageException RecordsFixed(StoreAddress address) => new(
        UsageErrorKind.StoreNotReady, "RecordsFixed",
        $"Policies of billing_usage_records do not let this role change records of the store {address}, which flags those it folds in. Connect as a role that may, such as the table's owner.", address);

    public static UsageException UnitsFixed(StoreAddress address, long bytes) => new(
        UsageErrorKind.Conflict, "UnitsFixed",
        FormattableString.Invariant($"The store {address} already holds records counted with {bytes:N0} bytes per GB, so that is fixed for good. Use another store for the other unit."), address);

    public static UsageException PositionMismatch(UsageChunk chunk, long position) => new(
        UsageErrorKind.Conflict, "SpoolPositionMismatch",
        FormattableString.Invariant($"The store has records up to {position} of spool {chunk.SpoolId}; the chunk goes from {chunk.From} to {chunk.To}."), chunk.SpoolId);

    public static UsageException ReadingsChanged(ReadingChange change) => new(
        UsageErrorKind.Conflict, "ReadingsChanged",
        $"Somebody else added or removed readings of '{change.Service}' for the customer '{change.CustomerId}' at the same time. Try again.", change.Service);

    public static UsageException UnknownCustomer(string customerId) => new(
        UsageErrorKind.NotFound, "UnknownCustomer",
        $"There is no customer '{customerId}', and customers are not created by their first usage here. Create it with Set-UsageCustomer, or turn the option AutoCreateCustomer on.",
        customerId);

    public static UsageException OtherStore(StoreAddress address, Guid expected, Guid actual) => new(
        UsageErrorKind.StoreNotReady, "StoreMismatch",
        $"The store {address} is not the one these records were begun for: its id is {actual}, theirs is {expected}. Bring back that store, or throw the records away with Clear-UsageQueue -Discard.", address);

    public static UsageException RecordNotFound(RecordCorrection asked) => new(
        UsageErrorKind.NotFound, "RecordNotFound",
        FormattableString.Invariant($"There is no record {asked.Id}{Of(asked)}. Get-UsageRecord lists those there are; what it writes can be piped in."), asked.Id);

    public static UsageException RecordArchived(RecordCorrection asked, IReadOnlyList<StoredArchive> archives) => new(
        UsageErrorKind.NotFound, "RecordArchived",
        FormattableString.Invariant($"There is no record {asked.Id}{Of(asked)} in the store. It may be archived in '{archives[0].Path}'{(archives.Count > 1 ? FormattableString.Invariant($" or one of {archives.Count - 1} more") : "")}: bring that back with Restore-UsageArchive first."),
        asked.Id);

    public static UsageException RecordIsCorrection(RecordCorrection asked, long original) => new(
        UsageErrorKind.Conflict, "RecordIsCorrection",
        FormattableString.Invariant($"Record {asked.Id} is itself a correction: it takes back record {original}, and stays. If that was right after all, add its usage again with Add-UsageRecord."),
        asked.Id);

    public static UsageException AlreadyUndone(RecordCorrection asked) => new(
        UsageErrorKind.Conflict, "AlreadyUndone",
        FormattableString.Invariant($"Record {asked.Id} was taken back before, and counts no more. Get-UsageRecord -IncludeUndone shows by whom and why."), asked.Id);

    public static UsageException RecordOfReading(RecordCorrection asked) => new(
        UsageErrorKind.Conflict, "RecordOfReading",
        FormattableString.Invariant($"Record {asked.Id} follows from a reading of a meter. Remove-UsageReading takes the reading back, and its usage with it."), asked.Id);

    public static UsageException NothingToAdjust(RecordCorrection asked) => new(
        UsageErrorKind.Conflict, "NothingToAdjust",
        FormattableString.Invariant($"Record {asked.Id} has this quantity and unit cost already. Nothing was changed."), asked.Id);

    public static UsageException ArchiveOvertaken(long records) => new(
        UsageErrorKind.Conflict, "ArchiveOvertaken",
        $"{Wording.Count(records, "record")} changed or went away while the archive was written, so nothing was archived. Try again.");

    public static UsageException ArchiveIncomplete(StoredArchive archive, long records) => new(
        UsageErrorKind.InvalidInput, "ArchiveDamaged",
        FormattableString.Invariant($"'{archive.Path}' has {Wording.Count(records, "record")}, but {archive.Records:N0} were archived. Bring back an undamaged copy."), archive.Path);

    public static UsageException ArchiveRestored(StoredArchive archive) => new(
        UsageErrorKind.Conflict, "ArchiveRestored",
        $"The records of '{archive.Path}' came back to the store already; nothing was changed. Get-UsageArchive says when.", archive.Path);

    public static UsageException CopyUnfinished(StoreAddress address) => new(
        UsageErrorKind.StoreNotReady, "CopyUnfinished",
        $"The store {address} is an unfinished copy of another one, and not to be used before it is whole. Run the same Copy-UsageStore again: it goes on where it was.", address);

    public static UsageException CopyOfOther(StoreAddress address) => new(
        UsageErrorKind.Conflict, "CopyOfOther",
        $"The store {address} is an unfinished copy of another store than this one. Finish that copy, or name an empty store.", address);

    public static UsageException StoreNotEmpty(StoreAddress address, string table) => new(
        UsageErrorKind.Conflict, "StoreNotEmpty",
        $"The store {address} is not empty: there are rows in {table}. Name an empty one; what is in a store is never mixed with another's.", address);

    public static UsageException CopyOvertaken(StoreAddress address) => new(
        UsageErrorKind.Conflict, "CopyOvertaken",
        $"Somebody else copies into the store {address} at the same time. Wait until that has ended; run the same Copy-UsageStore again if it did not finish.", address);

    public static UsageException UnitFixed(Service service, Service before) => new(
        UsageErrorKind.Conflict, "UnitFixed",
        $"The service '{before.Name}' already has records counted in {before.Unit}{(before.CountsBytes && !service.CountsBytes ? " from bytes" : "")}, so that is fixed for good. Define another service for {service.Unit}{(service.CountsBytes && !before.CountsBytes ? " from bytes" : "")}.", before.Name);

    private static string Of(RecordCorrection asked) =>
        (asked.CustomerId is { } customer ? $" of the customer '{customer}'" : "")
        + (asked.Timestamp is { } time ? FormattableString.Invariant($" at {time.UtcDateTime:yyyy-MM-dd HH:mm:ss.FFFFFF}Z") : "");

    private static string Reason(Exception cause)
    {
        // The innermost message is the one that says it ("Connection refused"); the outer ones only say that it failed.
        Exception inner = cause;
        while (inner.InnerException is not null)
            inner = inner.InnerException;

        return ReferenceEquals(inner, cause) ? FirstLine(cause) : $"{FirstLine(cause)} ({FirstLine(inner)})";
    }

    // PostgreSQL's further lines point into our SQL, which tells a user nothing.
    private static string FirstLine(Exception error) => error.Message.Split('\n', 2)[0].TrimEnd();
}
