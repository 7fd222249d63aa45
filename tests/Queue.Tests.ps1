BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1

    # Runs a script block in a PowerShell of its own and goes on at once; Complete-Session waits for its end, or brings it about.
    # Nothing is stored there before somebody asks for it.
    function Open-Session([scriptblock] $ScriptBlock, [object[]] $ArgumentList = @()) {
        $file = Join-Path $TestDrive ([guid]::NewGuid())
        Export-Clixml "$file.xml" -InputObject $ArgumentList
        Set-Content "$file.ps1" @"
`$ErrorActionPreference = 'Stop'
`$arguments = @((Import-Clixml '$file.xml') | ForEach-Object { `$_ })
Import-Module '$PSScriptRoot/../module/UsageTracking.psd1'
& { $ScriptBlock } @arguments
"@
        $start = [System.Diagnostics.ProcessStartInfo]::new('pwsh', [string[]] ('-NoProfile', '-NonInteractive', '-File', "$file.ps1"))
        $start.RedirectStandardOutput = $start.RedirectStandardError = $start.RedirectStandardInput = $true
        $start.Environment['USAGE_BATCH_SIZE'] = '1000000'
        $start.Environment['USAGE_BATCH_TIMEOUT'] = '3600'
        $process = [System.Diagnostics.Process]::Start($start)
        $process.StandardInput.Close()
        [pscustomobject]@{ Process = $process; Errors = $process.StandardError.ReadToEndAsync() }
    }

    # The next line that it writes.
    function Receive-Session($Session) {
        $line = $Session.Process.StandardOutput.ReadLineAsync()
        if (-not $line.Wait(30000)) { throw 'The other PowerShell says nothing.' }
        if ($null -eq $line.Result) { throw "The other PowerShell ended: $($Session.Errors.Result)" }
        $line.Result
    }

    function Complete-Session($Session, [switch] $Kill) {
        # As kill -9 does.
        if ($Kill) { $Session.Process.Kill() }
        if (-not $Session.Process.WaitForExit(30000)) { $Session.Process.Kill(); throw 'The other PowerShell does not end.' }
        $Session.Errors.Result
    }

    # Only the other PowerShells of a test have their queues here: this one shall not take them over.
    function Use-Spool {
        $env:USAGE_SPOOL = (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))).FullName
        $env:USAGE_SPOOL
    }

    # A session that adds to a store and is killed.
    function Add-Orphan($Address, [scriptblock] $Add) {
        $session = Open-Session {
            param($address, $add)
            Connect-UsageStore @address
            & ([scriptblock]::Create($add))
            'added'
            Start-Sleep 60
        } $Address, "$Add"
        Receive-Session $session | Should -Be added
        $null = Complete-Session $session -Kill
    }

    # Another program takes hold of the store, so that nothing can be stored until Unlock-Store.
    function Lock-Store($Store) {
        if ($Store.Path) {
            $start = [System.Diagnostics.ProcessStartInfo]::new('sqlite3', [string[]] ('-batch', $Store.Path))
            $statements = 'begin exclusive;', 'select 1;'
        }
        else {
            $part = [System.Data.Common.DbConnectionStringBuilder]@{ ConnectionString = $Store.ConnectionString }
            $options = "--host=$($part['Host'])", "--port=$($part['Port'])", "--username=$($part['Username'])", "--dbname=$($part['Database'])"
            $start = [System.Diagnostics.ProcessStartInfo]::new('psql', [string[]] ($options + '--no-psqlrc', '--no-align', '--tuples-only', '--quiet'))
            if ($part.ContainsKey('Password')) { $start.Environment['PGPASSWORD'] = $part['Password'] }
            $statements = 'begin;', 'lock table usage_spools;', 'select 1;'
        }
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
        $process = [System.Diagnostics.Process]::Start($start)
        $statements | ForEach-Object { $process.StandardInput.WriteLine($_) }
        $process.StandardInput.Flush()
        $process.StandardOutput.ReadLine() | Should -Be 1
        $process
    }

    function Unlock-Store($Process) {
        if (-not $Process) { return }
        $Process.StandardInput.Close()
        if (-not $Process.WaitForExit(10000)) { $Process.Kill() }
    }

    # How many records a test's customer has in the store, and how many quantities they have.
    function Get-Stored($Store) {
        Invoke-Sql $Store "select count(*), count(distinct quantity) from billing_usage_records where customer_id = '$env:NSELF_CUSTOMER_ID'"
    }

    # Flushes in a new PowerShell, as a scheduled task does.
    function Invoke-OtherFlush($Address) {
        Invoke-OtherPwsh -ArgumentList $Address {
            param($address)
            Connect-UsageStore @address
            Invoke-UsageFlush
        }
    }
}
AfterAll { $env:USAGE_SPOOL = $env:NSELF_CUSTOMER_ID = $null }

foreach ($kind in Get-TestStore) {
    Describe "The queue to $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            $script:here = (Get-UsageStore).Store
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach {
            $script:spool = Use-Spool
            $env:NSELF_CUSTOMER_ID = 'c-' + [guid]::NewGuid().ToString('N')
        }

        It 'leaves a living session''s records to it, and stores a killed one''s in the next, once' {
            $before = [datetimeoffset]::UtcNow
            $session = Open-Session {
                param($address)
                Connect-UsageStore @address
                1..3 | ForEach-Object { Add-UsageRecord api $_ }
                4..23 | ForEach-Object { @{ Service = 'api'; Quantity = $_ } } | Add-UsageRecord
                'added'
                Start-Sleep 60
            } $address
            $null = Receive-Session $session
            $live = Get-UsageQueue | Where-Object Owner -EQ $session.Process.Id
            $other = Invoke-OtherFlush $address
            $whileItLived = Get-Stored $store
            $null = Complete-Session $session -Kill
            $orphan = Get-UsageQueue | Where-Object Owner -EQ $session.Process.Id

            "$($live.State)", $live.Records, $live.Store, $live.Machine | Should -Be 'Live', 23, $here, ([Environment]::MachineName)
            $other.Committed, $other.Remaining, $whileItLived | Should -Be 0, 0, '0|0'
            $orphan | Should -HaveCount 1
            "$($orphan.State)", $orphan.Records, $orphan.Store, $orphan.SpoolId | Should -Be 'Orphan', 23, $here, $live.SpoolId
            $orphan.Bytes | Should -BeGreaterThan 0
            $orphan.Oldest | Should -BeGreaterThan $before
            $orphan.Oldest | Should -BeLessThan ([datetimeoffset]::UtcNow)
            $orphan.Path | Should -BeLike "$spool*$($orphan.SpoolId)"
            Get-ChildItem $orphan.Path -Filter *.seg | Should -Not -BeNullOrEmpty

            $next = Invoke-OtherPwsh -ArgumentList $address {
                param($address)
                Connect-UsageStore @address
                @{ Usage = Get-Usage api; Record = @(Get-UsageRecord api) }
            }
            # 1 + ... + 23 = 276.
            $next.Usage.Events, $next.Usage.Quantity | Should -Be 23, 276
            $next.Record.Quantity | Sort-Object | Should -Be (1..23)
            Get-Stored $store | Should -Be '23|23'
            Get-UsageQueue | Where-Object Path -Like "$spool*" | Should -BeNullOrEmpty
            Test-Path $orphan.Path | Should -BeFalse
        }

        It 'stores everything when PowerShell is left, says nothing, and leaves no file behind' {
            $session = Open-Session {
                param($address)
                Connect-UsageStore @address
                1..3 | ForEach-Object { Add-UsageRecord api $_ }
                4..2003 | ForEach-Object { @{ Service = 'api'; Quantity = $_ } } | Add-UsageRecord
            } $address
            Complete-Session $session | Should -BeNullOrEmpty
            $session.Process.ExitCode | Should -Be 0
            Get-Stored $store | Should -Be '2003|2003'
            Get-ChildItem $spool -File -Recurse | Should -BeNullOrEmpty
        }

        It 'lets PowerShell be left within two seconds or so while another program holds the store, and loses nothing' {
            $hold = Lock-Store $store
            try {
                $session = Open-Session {
                    param($address)
                    Connect-UsageStore @address -ErrorAction SilentlyContinue
                    1..7 | ForEach-Object { Add-UsageRecord api $_ }
                    'leaving'
                } $address
                $null = Receive-Session $session
                $left = [System.Diagnostics.Stopwatch]::StartNew()
                $said = Complete-Session $session
                $left.Elapsed.TotalSeconds | Should -BeLessThan 5
                $session.Process.ExitCode | Should -Be 0
                "$said".Trim() | Should -Be 'UsageTracking: 7 records not stored yet. The next session that uses the store, or Invoke-UsageFlush, stores them.'
                (Get-UsageQueue | Where-Object Owner -EQ $session.Process.Id).Records | Should -Be 7
            }
            finally { Unlock-Store $hold }

            $flush = Invoke-OtherFlush $address
            $flush.Committed, $flush.Remaining | Should -Be 7, 0
            Get-Stored $store | Should -Be '7|7'
        }

        It 'counts an event key''s repeats over sessions, per customer, and sets other content aside' {
            Add-Orphan $address { Add-UsageRecord api 5 @{ a = 1 } -EventKey run-1 }
            $seen = Invoke-OtherPwsh -ArgumentList $address {
                param($address)
                Connect-UsageStore @address
                $first = Invoke-UsageFlush
                Add-UsageRecord api 5 @{ a = 1 } -EventKey run-1
                Add-UsageRecord api 6 @{ a = 1 } -EventKey run-1
                Add-UsageRecord api 6 @{ a = 1 } -EventKey run-1 -CustomerId bluebird
                @{ First = $first; Second = Invoke-UsageFlush -WarningAction SilentlyContinue; Rejected = Get-UsageRejectedRecord }
            }
            $seen.First.Committed, $seen.First.Duplicates, $seen.First.Rejected | Should -Be 1, 0, 0
            $seen.Second.Committed, $seen.Second.Duplicates, $seen.Second.Rejected | Should -Be 1, 1, 1
            $seen.Rejected.ErrorId, $seen.Rejected.CustomerId, $seen.Rejected.Quantity | Should -Be 'EventKeyConflict', $env:NSELF_CUSTOMER_ID, 6
            Invoke-Sql $store "select quantity from billing_usage_records where event_key = 'run-1' order by quantity" | Should -Be 5, 6
        }

        It 'gives no other store its records' {
            Add-Orphan $address { 1..4 | ForEach-Object { Add-UsageRecord api $_ } }
            $second = New-TestStore -Kind Sqlite
            try {
                $there = Invoke-OtherPwsh -ArgumentList (Get-TestAddress $second) {
                    param($address)
                    Connect-UsageStore @address
                    Add-UsageRecord api 100
                    Invoke-UsageFlush
                    Clear-UsageQueue -Discard -Confirm:$false
                }
                $there[0].Committed, $there[0].Remaining, $there[1].Discarded | Should -Be 1, 0, 0
                (Get-Stored $store), (Get-Stored $second) | Should -Be '0|0', '1|1'
                $orphan = Get-UsageQueue | Where-Object Path -Like "$spool*"
                $orphan.Store, $orphan.Records | Should -Be $here, 4
            }
            finally { Remove-TestStore $second }
        }

        It 'keeps its records from another store at the same address, until theirs is there again' {
            $moving = New-TestStore -Kind $Kind
            $place = Get-TestAddress $moving
            $isMoved = $false
            try {
                Add-Orphan $place {
                    Add-UsageRecord api 1
                    $null = Invoke-UsageFlush
                    2..4 | ForEach-Object { Add-UsageRecord api $_ }
                }
                Disconnect-UsageStore
                if ($moving.Path) {
                    Get-ChildItem "$($moving.Path)*" | Rename-Item -NewName { $_.Name -replace '^usage', 'away' }
                }
                else {
                    $null = Invoke-Psql $env:USAGE_TEST_POSTGRES "select pg_terminate_backend(pid) from pg_stat_activity where datname = '$($moving.Name)'"
                    $null = Invoke-Psql $env:USAGE_TEST_POSTGRES "alter database $($moving.Name) rename to $($moving.Name)_away"
                    $null = Invoke-Psql $env:USAGE_TEST_POSTGRES "create database $($moving.Name)"
                }
                $isMoved = $true

                $other = Invoke-OtherPwsh -ArgumentList $place {
                    param($address)
                    $WarningPreference = 'SilentlyContinue'
                    Connect-UsageStore @address
                    Initialize-UsageStore -Confirm:$false
                    Add-UsageRecord api 100
                    $flush = Invoke-UsageFlush -Timeout 10 -ErrorAction SilentlyContinue -ErrorVariable problem
                    @{
                        Flush = $flush; Problem = @($problem.ForEach{ "$_" }); Quantity = @(Get-UsageRecord).Quantity
                        LastError = (Get-UsageQueue | Where-Object State -EQ Orphan).LastError
                    }
                } 2>$null
                $other.Flush.Committed, $other.Flush.Remaining, $other.Quantity | Should -Be 1, 3, 100
                $other.Problem | Should -HaveCount 1
                $other.Problem[0] | Should -BeLike '3 records not stored yet. The store * is not the one these records were begun for*Clear-UsageQueue -Discard*'
                $other.LastError | Should -BeLike '*is not the one these records were begun for*'

                if ($moving.Path) {
                    Remove-Item "$($moving.Path)*"
                    Get-ChildItem "$(Split-Path $moving.Path)/away*" | Rename-Item -NewName { $_.Name -replace '^away', 'usage' }
                }
                else {
                    $null = Invoke-Psql $env:USAGE_TEST_POSTGRES "drop database $($moving.Name) with (force)"
                    $null = Invoke-Psql $env:USAGE_TEST_POSTGRES "alter database $($moving.Name)_away rename to $($moving.Name)"
                }
                $isMoved = $false

                $flush = Invoke-OtherFlush $place
                $flush.Committed, $flush.Remaining | Should -Be 3, 0
                Get-Stored $moving | Should -Be '4|4'
            }
            finally {
                Remove-TestStore $moving
                if ($isMoved -and -not $moving.Path) { $null = Invoke-Psql $env:USAGE_TEST_POSTGRES "drop database if exists $($moving.Name)_away with (force)" }
            }
        }
    }
}

Describe 'The queue' {
    BeforeAll {
        $script:store = New-TestStore -Kind Sqlite
        $script:address = Get-TestAddress $store
    }
    AfterAll { Remove-TestStore $store }
    BeforeEach {
        $script:spool = Use-Spool
        $env:NSELF_CUSTOMER_ID = 'c-' + [guid]::NewGuid().ToString('N')
    }

    It 'has every record that a cmdlet had returned for, or handed on, when its session was killed' {
        Open-Session {
            param($address)
            Connect-UsageStore @address
            $me = [System.Diagnostics.Process]::GetCurrentProcess()
            Add-UsageRecord api 1
            2..1000 | ForEach-Object { @{ Service = 'api'; Quantity = $_ } } | Add-UsageRecord -PassThru | ForEach-Object {
                if ($_.Quantity -eq 50) { $me.Kill() }
            }
        } $address | ForEach-Object { Complete-Session $_ }
        (Invoke-OtherFlush $address).Committed | Should -Be 50
        Get-Stored $store | Should -Be '50|50'
    }

    It 'says exactly which records a damaged file costs, stores the others, and keeps the file' {
        Add-Orphan $address { 1..5 | ForEach-Object { Add-UsageRecord api $_ } }
        $file = Get-ChildItem $spool -Filter *.seg -Recurse
        $bytes = [System.IO.File]::ReadAllBytes($file)
        # Five writes of one record each, of the same length: the middle of the file is in the third.
        $bytes[$bytes.Length / 2] = $bytes[$bytes.Length / 2] -bxor 1
        [System.IO.File]::WriteAllBytes($file, $bytes)

        $said = Invoke-OtherPwsh -ArgumentList $address {
            param($address)
            Connect-UsageStore @address -WarningVariable warning -WarningAction SilentlyContinue
            $null = Invoke-UsageFlush -WarningVariable +warning -WarningAction SilentlyContinue
            "$warning"
        }
        $said | Should -BeLike "Record 3 of spool $($file.Directory.Name) cannot be read*damaged*the rest is stored*"
        Invoke-Sql $store "select quantity from billing_usage_records where customer_id = '$env:NSELF_CUSTOMER_ID' order by usage_id" | Should -Be 1, 2, 4, 5
        Get-ChildItem $spool -Filter *.seg -Recurse | ForEach-Object { $_.Directory.Name } | Should -Be damaged
    }

    It 'fills up at its limit: Error refuses at once, Block after a wait, DropNewest drops, warns and counts; what waits stays' {
        $hold = Lock-Store $store
        try {
            $session = Open-Session {
                param($address)
                Connect-UsageStore @address -ErrorAction SilentlyContinue
                Set-UsageOption -QueueLimit 64KB -QueueFullAction Error
                $metadata = @{ text = 'x' * 1000 }
                $full = $null
                $added = 0
                while (-not $full -and $added -lt 200) {
                    try { Add-UsageRecord api ($added + 1) $metadata; $added++ } catch { $full = $_ }
                }

                $watch = [System.Diagnostics.Stopwatch]::StartNew()
                try { Add-UsageRecord api 1000 } catch { $atOnce = $_ }
                $atOnceTook = $watch.Elapsed.TotalSeconds

                Set-UsageOption -QueueFullAction Block -QueueFullTimeout 1.5
                $watch.Restart()
                try { Add-UsageRecord api 1000 } catch { $blocked = $_ }
                $blockedTook = $watch.Elapsed.TotalSeconds

                Set-UsageOption -QueueFullAction DropNewest
                1..3 | ForEach-Object { @{ Service = 'api'; Quantity = 1000 } } | Add-UsageRecord -WarningVariable dropped -WarningAction SilentlyContinue
                $passed = @(1..3 | ForEach-Object { @{ Service = 'api' } } | Add-UsageRecord -PassThru -WarningAction SilentlyContinue)
                Add-UsageRecord api 1000 -WarningVariable +dropped -WarningAction SilentlyContinue
                @{
                    Added = $added; Waiting = (Get-UsageQueue | Where-Object Owner -EQ $PID).Records
                    Full = "$($full.FullyQualifiedErrorId): $full"
                    AtOnce = "$($atOnce.FullyQualifiedErrorId)"; AtOnceTook = $atOnceTook
                    Blocked = "$blocked"; BlockedTook = $blockedTook; Dropped = @($dropped.ForEach{ "$_" }); Passed = $passed.Count
                } | ConvertTo-Json -Compress
            } $address
            $seen = Receive-Session $session | ConvertFrom-Json
            $null = Complete-Session $session
        }
        finally { Unlock-Store $hold }

        # 64 KiB of records of a bit more than 1,000 bytes.
        $seen.Added | Should -BeGreaterThan 50
        $seen.Added | Should -BeLessThan 66
        $seen.Full | Should -BeLike "QueueFull,*: 1 record not added: *queue is full*$($seen.Added) records wait to be stored*QueueLimit*"
        $seen.AtOnce | Should -BeLike 'QueueFull,*'
        $seen.AtOnceTook | Should -BeLessThan 1
        $seen.Blocked | Should -BeLike '*no room was made in 1.5 s*'
        $seen.BlockedTook | Should -BeGreaterThan 1.4
        $seen.BlockedTook | Should -BeLessThan 4
        $seen.Dropped | Should -HaveCount 2
        $seen.Dropped[0] | Should -BeLike '3 records dropped*QueueFullAction is DropNewest*'
        $seen.Dropped[1] | Should -BeLike '1 record dropped*'
        $seen.Passed | Should -Be 0 -Because 'a record that was dropped is not handed on'
        $seen.Waiting | Should -Be $seen.Added

        $flush = Invoke-OtherFlush $address
        $flush.Committed, $flush.Remaining | Should -Be $seen.Added, 0
        Get-Stored $store | Should -Be "$($seen.Added)|$($seen.Added)"
    }

    It 'is lost at the end with $env:USAGE_SPOOL = ''none'', and says so' {
        $session = Open-Session {
            $env:USAGE_SPOOL = 'none'
            $env:USAGE_STORE = 'Host=127.0.0.1;Port=1;Database=away'
            1..2 | ForEach-Object { Add-UsageRecord api }
            Get-UsageQueue | ForEach-Object { "$($_.Records) in '$($_.Path)'" }
        }
        Receive-Session $session | Should -Be "2 in ''"
        "$(Complete-Session $session)".Trim() | Should -Be 'UsageTracking: 2 records not stored when PowerShell ended, and lost, since USAGE_SPOOL is none.'
        Get-ChildItem $spool | Should -BeNullOrEmpty
    }
}

Describe 'The queue to a server that is stopped and started again' -Skip:(-not $env:USAGE_TEST_POSTGRES) {
    BeforeAll {
        if (-not ('UsageTracking.Testing.PostgresCluster' -as [type])) { Add-Type -Path $PSScriptRoot/PostgresCluster.cs }
        $reason = ''
        $script:cluster = [UsageTracking.Testing.PostgresCluster]::TryStart([ref] $reason)
        $null = Use-Spool
    }
    AfterAll { if ($cluster) { $cluster.Dispose() } }

    It 'has what was added meanwhile stored by a scheduled Invoke-UsageFlush' {
        if (-not $cluster) { Set-ItResult -Skipped -Because 'no server of its own could be started'; return }

        $address = @{ ConnectionString = $cluster.ConnectionString }
        Invoke-OtherPwsh -ArgumentList $address {
            param($address)
            Connect-UsageStore @address -WarningAction SilentlyContinue
            Initialize-UsageStore -Confirm:$false
        }
        $session = Open-Session {
            param($address)
            Connect-UsageStore @address
            Add-UsageRecord api 1
            $null = Invoke-UsageFlush
            'connected'
            while (-not (Test-Path "$env:USAGE_SPOOL/stopped")) { Start-Sleep -Milliseconds 50 }
            2..300 | ForEach-Object { Add-UsageRecord api $_ }
        } $address
        $null = Receive-Session $session
        $cluster.StopImmediately()
        $null = New-Item "$env:USAGE_SPOOL/stopped"
        "$(Complete-Session $session)" | Should -BeLike 'UsageTracking: 299 records not stored yet.*'
        $cluster.StartAgain()

        $flush = Invoke-OtherFlush $address
        $flush.Committed, $flush.Remaining | Should -Be 299, 0
        Invoke-Psql $cluster.ConnectionString 'select count(*), count(distinct quantity) from billing_usage_records' | Should -Be '300|300'
    }
}

Describe 'The queue to a server that does not answer' {
    BeforeAll {
        # It takes connections and says nothing.
        $script:listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
        $listener.Start()
        $script:port = $listener.LocalEndpoint.Port
        $script:spool = Use-Spool
        $script:session = Open-Session {
            param($port)
            $env:USAGE_STORE = "Host=127.0.0.1;Port=$port;Database=silent;Username=bob;Password=hunter2"
            1..9 | ForEach-Object { Add-UsageRecord api }
            'leaving'
        } $port
        $null = Receive-Session $session
        $script:left = [System.Diagnostics.Stopwatch]::StartNew()
        $script:said = Complete-Session $session
        $left.Stop()
    }
    AfterAll { $listener.Stop() }

    It 'lets PowerShell be left within two seconds or so, and says what waits' {
        $left.Elapsed.TotalSeconds | Should -BeLessThan 5
        "$said".Trim() | Should -Be 'UsageTracking: 9 records not stored yet. The next session that uses the store, or Invoke-UsageFlush, stores them.'
        $queue = Get-UsageQueue | Where-Object Store -EQ "postgresql://127.0.0.1:$port/silent"
        "$($queue.State)", $queue.Records | Should -Be 'Orphan', 9
    }

    It 'writes neither user nor password into the queue''s files or their names' {
        $null = Invoke-OtherPwsh -ArgumentList $port {
            param($port)
            $credential = [pscredential]::new('bob', [System.Net.NetworkCredential]::new('', 'hunter2').SecurePassword)
            Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database silent -Credential $credential -ErrorAction SilentlyContinue
            Add-UsageRecord api
            Invoke-UsageFlush -Timeout 1 -ErrorAction SilentlyContinue
            Connect-UsageStore -ConnectionString 'Host=127.0.0.1;Port=1;Database=other;Username=bob;Password=hunter2' -ErrorAction SilentlyContinue
            Add-UsageRecord api
        } 2>&1
        $files = Get-ChildItem $spool -File -Recurse -Force
        ($files | Where-Object Extension -EQ .seg) | Should -HaveCount 3
        foreach ($file in $files) {
            "$($file.FullName.Substring($spool.Length)) $([System.Text.Encoding]::Latin1.GetString([System.IO.File]::ReadAllBytes($file)))" |
                Should -Not -Match 'bob|hunter2'
        }
    }

    It 'lets nobody but their owner read them' -Skip:$IsWindows {
        Get-ChildItem $spool -Recurse -Force | ForEach-Object { $_.UnixMode.Substring(4) } | Sort-Object -Unique | Should -Be '------'
    }
}
