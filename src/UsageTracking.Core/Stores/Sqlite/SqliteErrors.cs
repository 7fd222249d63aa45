using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace UsageTracking.Stores.Sqlite;

/// <summary>Turns errors of SQLite into ours, by result code (https://sqlite.org/rescode.html).</summary>
internal static class SqliteErrors
{
    /// <summary>Runs a step of work whose errors are translated.</summary>
    public static T Guard<T>(Func<T> work, StoreAddress address, CancellationToken cancel)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (SqliteDatabase.IsStoreError(error))
        {
            throw Translate(error, address, cancel);
        }
    }

    public static Exception Translate(Exception error, StoreAddress address, CancellationToken cancel) => error switch
    {
        SqliteException { SqliteErrorCode: SQLITE_INTERRUPT } when cancel.IsCancellationRequested => new OperationCanceledException(cancel),
        SqliteException { SqliteErrorCode: SQLITE_CONSTRAINT or SQLITE_MISMATCH or SQLITE_TOOBIG or SQLITE_RANGE } => StoreErrors.BadRecord(address, error),
        SqliteException { SqliteErrorCode: SQLITE_ERROR } when error.Message.Contains("no such table", StringComparison.Ordinal) =>
            StoreErrors.NotInitialized(address, error),
        SqliteException { SqliteErrorCode: SQLITE_ERROR or SQLITE_PERM or SQLITE_READONLY or SQLITE_CORRUPT or SQLITE_CANTOPEN or SQLITE_NOTADB or SQLITE_AUTH } =>
            StoreErrors.Refused(address, error),
        UnauthorizedAccessException => StoreErrors.Refused(address, error),
        _ => StoreErrors.Unavailable(address, error),
    };
}
