using Microsoft.Data.Sqlite;

namespace UsageTracking.Stores.Sqlite;

/// <summary>Opens connections to the file, creates it for its owner only, and keeps the writers of this process in line.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    private readonly string _connectionString;
    private readonly SemaphoreSlim _oneWriter = new(1, 1);

    public SqliteDatabase(StoreAddress address)
    {
        Address = address;
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = address.Path,
            Mode = SqliteOpenMode.ReadWrite,
            ForeignKeys = true,
        }.ToString();
    }

    public StoreAddress Address { get; }

    public bool Exists => File.Exists(Address.Path) && new FileInfo(Address.Path!).Length > 0;

    /// <summary>Creates an empty file that only its owner can read; SQLite gives its side files the same rights.</summary>
    public void CreateFile()
    {
        if (File.Exists(Address.Path))
            return;

        string folder = Path.GetDirectoryName(Address.Path)!;
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (new FileStream(Address.Path!, options))
        {
            ForgetConnections();
        }
    }

    /// <summary>Runs work that reads. Cancelling interrupts the statement that is running.</summary>
    public Task<T> ReadAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancel) => RunAsync(
        () =>
        {
            using Session session = Open(cancel);
            return work(session.Connection);
        },
        cancel);

    /// <summary>Runs work in one write transaction, which is committed when the work returns.</summary>
    public Task<T> WriteAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancel) => WriteAsync(
        write =>
        {
            using Session session = Open(cancel);
            return write(session.Connection);
        },
        work, cancel);

    /// <summary>The same on a connection that is open already.</summary>
    public Task<T> WriteAsync<T>(Session session, Func<SqliteConnection, T> work, CancellationToken cancel) =>
        WriteAsync(write => write(session.Connection), work, cancel);

    private async Task<T> WriteAsync<T>(Func<Func<SqliteConnection, T>, T> connect, Func<SqliteConnection, T> work, CancellationToken cancel)
    {
        // SQLite has one writer at a time; waiting here is cheaper than waiting on the file.
        await _oneWriter.WaitAsync(cancel);
        try
        {
            return await RunAsync(
                () => connect(connection =>
                {
                    using SqliteTransaction transaction = connection.BeginTransaction();
                    T result = work(connection);
                    cancel.ThrowIfCancellationRequested();
                    ProtocolStep.Pass("commit");
                    transaction.Commit();
                    ProtocolStep.Pass("commit done");
                    return result;
                }),
                cancel);
        }
        finally
        {
            _oneWriter.Release();
        }
    }

    // Another process may hold the file for long, and SQLite waits for it on the thread: not on the caller's.
    private async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancel)
    {
        try
        {
            return await Task.Run(work, cancel);
        }
        catch (Exception error) when (IsStoreError(error))
        {
            throw SqliteErrors.Translate(error, Address, cancel);
        }
    }

    /// <summary>A connection that a cancellation interrupts, for readers that stream.</summary>
    public Session Open(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var connection = new SqliteConnection(_connectionString);
        try
        {
            // A connection from before the file was deleted would go on writing into nothing.
            if (!File.Exists(Address.Path))
                ForgetConnections();

            connection.Open();
            // A committed flush survives a power cut; with chunks as large as ours that costs little.
            connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
            return new Session(connection, cancel);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static bool IsStoreError(Exception error) => error is SqliteException or IOException or UnauthorizedAccessException;

    public void Dispose()
    {
        ForgetConnections();
        _oneWriter.Dispose();
    }

    // Those to a file that was deleted see and write that one, not the one that has its name now.
    private void ForgetConnections()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }

    public sealed class Session : IDisposable
    {
        private readonly CancellationTokenRegistration _interrupt;

        public Session(SqliteConnection connection, CancellationToken cancel)
        {
            Connection = connection;
            SQLitePCL.sqlite3 handle = connection.Handle!;
            _interrupt = cancel.Register(() => SQLitePCL.raw.sqlite3_interrupt(handle));
        }

        public SqliteConnection Connection { get; }

        public void Dispose()
        {
            // First the interrupt: the handle goes back to the pool and to somebody else.
            _interrupt.Dispose();
            Connection.Dispose();
        }
    }
}
