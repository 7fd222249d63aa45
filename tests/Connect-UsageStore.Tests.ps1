BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/ProfileHelpers.ps1
}

foreach ($kind in Get-TestStore) {
    Describe "Connect-UsageStore to $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { Connect-UsageStore @address }

        It 'writes nothing, and the connected store with -PassThru' {
            Connect-UsageStore @address | Should -BeNullOrEmpty

            $info = Connect-UsageStore @address -PassThru
            $info.Kind | Should -Be $Kind
            $info.Source | Should -Be 'Connect-UsageStore'
            $info.IsReachable | Should -BeTrue
            $info.IsInitialized | Should -BeTrue
        }

        It 'makes -CustomerId the customer of calls that name none, and -TimeZone their zone' {
            Connect-UsageStore @address -CustomerId acme -TimeZone Asia/Kathmandu

            (Add-UsageRecord api -PassThru).CustomerId | Should -Be acme
            # Kathmandu is 5:45 ahead of UTC.
            (Add-UsageRecord api -Timestamp '2026-01-10 05:45' -PassThru).Timestamp.UtcDateTime | Should -Be ([datetime] '2026-01-10')
            (Get-Usage api).CustomerId | Should -Be acme
            (Get-UsageStore).TimeZone | Should -Be 'Asia/Kathmandu'
        }

        It 'takes the customer from the parameter, else the connection, else $env:NSELF_CUSTOMER_ID, else it is default' {
            try {
                $env:NSELF_CUSTOMER_ID = 'from-environment'
                Connect-UsageStore @address -CustomerId from-connection
                (Add-UsageRecord api -CustomerId from-parameter -PassThru).CustomerId | Should -Be 'from-parameter'
                (Add-UsageRecord api -PassThru).CustomerId | Should -Be 'from-connection'
                Connect-UsageStore @address
                (Add-UsageRecord api -PassThru).CustomerId | Should -Be 'from-environment'
            }
            finally { $env:NSELF_CUSTOMER_ID = $null }
            (Add-UsageRecord api -PassThru).CustomerId | Should -Be 'default'
        }

        It 'refuses a customer id with <Name>, and stays where it was' -ForEach @(
            @{ Name = 'a control character'; Id = "a`tb" }
            @{ Name = 'a wildcard'; Id = 'a*' }
            @{ Name = 'a space at its end'; Id = 'a ' }
            @{ Name = '256 characters'; Id = 'a' * 256 }
        ) {
            { Connect-UsageStore -Path $TestDrive/other.db -CustomerId $Id } | Should -Throw -ErrorId 'InvalidCustomerId,*'
            (Get-UsageStore).Store | Should -Be (Connect-UsageStore @address -PassThru).Store
        }

        It 'refuses a zone that no computer knows' {
            { Connect-UsageStore @address -TimeZone Mars/Olympus } | Should -Throw -ErrorId 'InvalidTimeZone,*' -ExpectedMessage '*Mars/Olympus*'
        }

        It 'leaves records that were added before to the store they were added to' {
            $before = (Get-UsageRecord | Measure-Object).Count
            Add-UsageRecord api 41
            Connect-UsageStore -Path $TestDrive/next.db
            Add-UsageRecord api 42
            (Get-UsageRecord).Quantity | Should -Be 42

            Connect-UsageStore @address
            $null = Invoke-UsageFlush
            (Get-UsageRecord | Measure-Object).Count | Should -Be ($before + 1)
            (Get-UsageRecord -First 1).Quantity | Should -Be 41
        }

        It 'counts 10^9 bytes to the GB with -DecimalUnits, for good' {
            $other = New-TestStore -Kind $Kind
            try {
                $otherAddress = Get-TestAddress $other
                Connect-UsageStore @otherAddress -DecimalUnits
                Add-UsageBandwidth 2500000000
                (Get-UsageRecord).Quantity | Should -Be 2.5

                Connect-UsageStore @otherAddress
                (Get-UsageStore).BytesPerGB | Should -Be 1000000000
            }
            finally { Remove-TestStore $other }
        }

        It 'takes store, customer and zone from a profile, and what is given besides' {
            Save-UsageProfile mine @address -CustomerId acme -TimeZone Asia/Kathmandu
            try {
                Disconnect-UsageStore
                $info = Connect-UsageStore -Profile MINE -PassThru
                $info.Kind, $info.Source, $info.CustomerId, $info.TimeZone | Should -Be $Kind, 'profile mine', acme, Asia/Kathmandu
                $info.IsInitialized | Should -BeTrue
                $null = Add-UsageRecord api 1
                (Invoke-UsageFlush).Committed | Should -Be 1

                $info = Connect-UsageStore -Profile mine -CustomerId other -TimeZone UTC -PassThru
                $info.CustomerId, $info.TimeZone | Should -Be other, UTC
            }
            finally { Clear-Profile }
        }

        It 'refuses -DecimalUnits once there are records, and works again when connected without' {
            $null = Add-UsageRecord api
            $null = Invoke-UsageFlush
            { Connect-UsageStore @address -DecimalUnits } | Should -Throw -ErrorId 'UnitsFixed,*'

            Connect-UsageStore @address
            (Get-UsageStore).BytesPerGB | Should -Be 1073741824
            { Get-Usage } | Should -Not -Throw
        }
    }
}

Describe 'Connect-UsageStore to a file' {
    AfterEach { Disconnect-UsageStore }

    It 'takes the path by position, makes the folder and the file, and says so once' {
        $file = Join-Path $TestDrive 'new folder/Ünï [1].db'
        Connect-UsageStore $file -InformationVariable said
        $said.MessageData | Should -BeExactly "Created the usage store $file."
        Test-Path -LiteralPath $file | Should -BeTrue

        Connect-UsageStore $file -InformationVariable said
        $said | Should -BeNullOrEmpty
    }

    It 'reads a relative path, and drives, as PowerShell does' {
        Push-Location $TestDrive
        try { (Connect-UsageStore ./relative.db -PassThru).Path | Should -Be (Join-Path $TestDrive relative.db) }
        finally { Pop-Location }
        (Connect-UsageStore TestDrive:/drive.db -PassThru).Path | Should -Be (Join-Path $TestDrive drive.db)
    }

    It 'says of a file that is no database that it is refused, and leaves it alone' {
        $file = Join-Path $TestDrive text.db
        Set-Content $file ('This is text. ' * 200)
        { Connect-UsageStore $file } | Should -Throw -ErrorId 'StoreRefused,*'
        Get-Content $file | Should -BeLike 'This is text.*'
    }

    It 'makes files that only their owner can read' -Skip:$IsWindows {
        $file = Join-Path $TestDrive 'mine/usage.db'
        Connect-UsageStore $file
        Add-UsageRecord api
        $null = Invoke-UsageFlush
        $item = Get-ChildItem (Split-Path $file)
        $item.Name | Should -Contain usage.db
        $item.UnixMode | Should -BeLike '-rw-------'
        (Get-Item (Split-Path $file)).UnixMode | Should -Be 'drwx------'
    }
}

Describe 'Connect-UsageStore to a server' -Skip:(-not $env:USAGE_TEST_POSTGRES) {
    BeforeAll {
        $script:store = New-TestStore -Kind PostgreSql
        $script:part = [System.Data.Common.DbConnectionStringBuilder]@{ ConnectionString = $store.ConnectionString }
    }
    AfterAll { Remove-TestStore $store }

    It 'takes host, port, database and credential' {
        $credential = [pscredential]::new($part.Username, [System.Net.NetworkCredential]::new('', 'any').SecurePassword)
        $info = Connect-UsageStore -HostName $part.Host -Port $part.Port -Database $part.Database -Credential $credential -PassThru
        $info.IsInitialized | Should -BeTrue
        $info.HostName, $info.Port, $info.Database | Should -Be $part.Host, $part.Port, $part.Database
    }

    It 'takes a URI' {
        $uri = "postgresql://$($part.Username):s%40cret@$($part.Host):$($part.Port)/$($part.Database)?sslmode=prefer"
        (Connect-UsageStore -ConnectionString $uri -PassThru).IsInitialized | Should -BeTrue
    }

    It 'warns of a database without tables, and is connected' {
        $empty = New-TestStore -Kind PostgreSql -Empty
        try {
            Connect-UsageStore -ConnectionString $empty.ConnectionString -WarningVariable warning -WarningAction SilentlyContinue
            $warning | Should -BeLike '*Initialize-UsageStore*'
            $info = Get-UsageStore
            $info.IsReachable, $info.IsInitialized | Should -Be $true, $false
        }
        finally { Remove-TestStore $empty }
    }
}

Describe 'Connect-UsageStore -Profile' {
    BeforeEach { Clear-Profile }
    AfterAll { Clear-Profile; Disconnect-UsageStore }

    It 'says of an unknown profile which there are, and stays where it was' {
        Connect-UsageStore $TestDrive/here.db
        { Connect-UsageStore -Profile nosuch } | Should -Throw '*Save-UsageProfile*' -ErrorId 'ProfileNotFound,*'
        Save-UsageProfile b $TestDrive/b.db
        Save-UsageProfile a $TestDrive/a.db
        { Connect-UsageStore -Profile nosuch } | Should -Throw "*'nosuch'*a, b*" -ErrorId 'ProfileNotFound,*'
        (Get-UsageStore).Store | Should -Be (Join-Path $TestDrive here.db)
    }

    It 'says that the password is gone from <Place>' -ForEach @(
        @{ Place = 'File'; Id = 'SecretNotFound'; Lose = { Remove-Item $secretFile } }
        @{ Place = 'SecretManagement'; Id = 'SecretVaultFailed'; Lose = { Microsoft.PowerShell.SecretManagement\Remove-Secret UsageTracking-p main } }
        @{ Place = 'SecretManagement'; Id = 'SecretVaultFailed'; Lose = { Disable-SecretManagement } }
    ) {
        Enable-SecretManagement main
        Save-UsageProfile p -ConnectionString 'Host=127.0.0.1;Port=1;Username=bob;Password=hunter2' -SecretStore $Place
        & $Lose
        { Connect-UsageStore -Profile p } | Should -Throw -ErrorId "$Id,*"
    }
}

Describe 'Connect-UsageStore -Profile to a server that asks for a password' {
    BeforeAll {
        if (-not ('UsageTracking.Testing.PasswordServer' -as [type])) { Add-Type -Path $PSScriptRoot/PasswordServer.cs }
        $script:server = [UsageTracking.Testing.PasswordServer]::new()
        $script:secret = 'hunter2:\é'
        $script:address = @{ HostName = '127.0.0.1'; Port = $server.Port; Database = 'usage'; Credential = Get-TestCredential 'bo:b' $secret }
    }
    AfterEach { Clear-Profile; Disconnect-UsageStore }
    AfterAll { $server.Dispose() }

    It 'tells it the one that is in <_>' -ForEach File, SecretManagement, PgPass {
        Enable-SecretManagement main
        $env:PGPASSFILE = Join-Path $TestDrive pgpass
        # Found though the environment no longer says where.
        try { Save-UsageProfile p @address -SecretStore $_ } finally { $env:PGPASSFILE = $null }
        $server.Password = $null
        Connect-UsageStore -Profile p -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem.FullyQualifiedErrorId | Should -BeLike 'StoreRefused,*'
        $server.Password | Should -BeExactly $secret
    }
}

Describe 'Connect-UsageStore to a server that is away' {
    BeforeAll {
        $script:secret = 'hunter2'
        $script:credential = [pscredential]::new('bob', [System.Net.NetworkCredential]::new('', $secret).SecurePassword)
        $script:said = & {
            Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database away -Credential $credential -Verbose -Debug -ErrorAction Continue
            Add-UsageRecord api -Verbose -Debug
            Get-UsageStore
            Invoke-UsageFlush -Timeout 1 -Verbose -Debug -ErrorAction Continue
            Get-UsageQueue
        } *>&1
        $script:failure = $said | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }
    }
    AfterAll { Disconnect-UsageStore }

    It 'writes the error StoreUnavailable and is connected all the same' {
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'StoreUnavailable,*'
        $failure[0].CategoryInfo.Category | Should -Be ResourceUnavailable
        "$($failure[0].TargetObject)" | Should -Be 'postgresql://127.0.0.1:1/away'
        (Get-UsageStore).Store | Should -Be 'postgresql://127.0.0.1:1/away'
        (Get-UsageStore).IsReachable | Should -BeFalse
    }

    It 'goes on taking records' {
        $failure | Should -HaveCount 2
        (Get-UsageStore).Pending | Should -Be 1
    }

    It 'ends a report with StoreUnavailable' {
        { Get-Usage } | Should -Throw -ErrorId 'StoreUnavailable,*'
    }

    It 'never shows the password' {
        ($said | Format-List * -Force | Out-String) | Should -Not -Match $secret
        ($failure.Exception | ForEach-Object ToString) | Should -Not -Match $secret
    }

    It 'never shows the password of <_>' -ForEach @(
        'Host=127.0.0.1;Port=nonsense;Password=hunter2'
        'Host=127.0.0.1;Port=1;Password=hunter2;NoSuchKey=1'
        'Host=127.0.0.1;Port=hunter2'
        'Database=usage;Username=bob;Password=hunter2'
        'postgresql://bob:hunter2@127.0.0.1:99999999/usage'
        'postgresql://bob:hunter2@/usage'
    ) {
        $connectionString = $_
        Push-Location $TestDrive
        try {
            { Connect-UsageStore -ConnectionString $connectionString } | Should -Throw -ErrorId 'InvalidConnectionString,*'
            try { Connect-UsageStore -ConnectionString $connectionString } catch { $problem = $_ }
            "$problem $($problem.Exception) $($problem.TargetObject)" | Should -Not -Match $secret
        }
        finally { Pop-Location }
    }
}
