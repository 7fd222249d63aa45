using Npgsql;

namespace UsageTracking.Stores.Postgres;

/// <summary>Turns errors of PostgreSQL into ours, by class of SQLSTATE (PostgreSQL documentation, appendix A).</summary>
internal static class PostgresErrors
{
    /// <summary>Runs a step of work whose errors are translated.</summary>
    public static async Task<T> GuardAsync<T>(Func<Task<T>> work, StoreAddress address)
    {
        try
        {
            return await work();
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or IOException)
        {
            throw Translate(error, address);
        }
    }

    public static UsageException Translate(Exception error, StoreAddress address)
    {
        if (error is UsageException known)
            return known;

        if (error is not PostgresException { SqlState: { } state })
            return StoreErrors.Unavailable(address, error);

        return state switch
        {
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedFunction => StoreErrors.NotInitialized(address, error),
            // A row that a policy refuses is a bad row; everything else of this kind is a right that is missing.
            PostgresErrorCodes.InsufficientPrivilege when error is PostgresException { Routine: "ExecWithCheckOptions" } => StoreErrors.BadRecord(address, error),
            // Serialization failures, deadlocks, lost connections, shutdown, no room, locks held too long, a standby.
            _ when IsOf(state, "08", "40", "53", "55", "57", "58", "25") => StoreErrors.Unavailable(address, error),
            _ when IsOf(state, "22", "23", "54") && !IsMissingPartition(error) => StoreErrors.BadRecord(address, error),
            // Credentials, rights, a database or a column that is not there.
            _ when IsOf(state, "28", "42", "3D", "3F", "0A") => StoreErrors.Refused(address, error),
            _ => StoreErrors.Unavailable(address, error),
        };
    }

    /// <summary>
    /// A row for which there is no partition: a check violation that names no constraint. Citus leaves the name out of what it hands
    /// on from a worker, where the text may still tell a row that a constraint refuses; where it does not, another try will.
    /// </summary>
    public static bool IsMissingPartition(Exception error) =>
        error is PostgresException { SqlState: PostgresErrorCodes.CheckViolation, ConstraintName: null } violation
        && !(IsOfOtherNode(error) && violation.MessageText.Contains("check constraint", StringComparison.Ordinal));

    /// <summary>An error that Citus hands on from a worker, without what says where it arose.</summary>
    public static bool IsOfOtherNode(Exception error) => error is PostgresException { Routine: "ReportResultError" };

    /// <summary>An error that Citus hands on from a worker's COPY, whatever it is, as one of its own (XX000).</summary>
    public static bool IsOfOtherNodesCopy(Exception error) => error is PostgresException { SqlState: PostgresErrorCodes.InternalError, Routine: "ReportCopyError" };

    /// <summary>A connection that is of no use any more, as opposed to a statement that failed.</summary>
    public static bool IsBrokenConnection(NpgsqlException error) =>
        error is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown }
        || (error is not PostgresException && error.InnerException is IOException);

    private static bool IsOf(string state, params ReadOnlySpan<string> classes)
    {
        foreach (string prefix in classes)
        {
            if (state.StartsWith(prefix, StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
