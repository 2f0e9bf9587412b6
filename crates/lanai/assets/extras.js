export const lanai = {};
