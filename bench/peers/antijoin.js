// DuckDB as the peer of the scrub: rows of a list whose number stands neither in a register nor in a list of refusals.
//   node antijoin.js load DATABASE FLATFILE
//   node antijoin.js run DATABASE LIST REFUSALS OUT
const { DuckDBInstance } = require('@duckdb/node-api');

async function main([what, database, ...files]) {
  const instance = await DuckDBInstance.create(database, { threads: '2' });
  const connection = await instance.connect();
  if (what === 'load') {
    await connection.run(`create table register as select (10000000000 + a * 10000000 + n)::bigint as phone
      from read_csv('${files[0]}', header = false, columns = {'a': 'bigint', 'n': 'bigint'})`);
  } else {
    const [list, refusals, out] = files;
    await connection.run(`copy (
      select l.* from read_csv('${list}', header = true, all_varchar = true) l
      anti join register r on r.phone = l.phone[2:]::bigint
      anti join (select phone[2:]::bigint as phone from read_csv('${refusals}', header = true, all_varchar = true)) s on s.phone = l.phone[2:]::bigint
    ) to '${out}' (header, delimiter ',')`);
  }
  connection.closeSync();
  instance.closeSync();
}

main(process.argv.slice(2)).catch((e) => { console.error(e.message); process.exit(1); });
